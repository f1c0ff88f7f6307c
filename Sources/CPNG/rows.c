#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum { color_mask = 0xFFFFFF };

png_rows *png_rows_create(uint32_t width) {
  png_rows *picture = calloc(1, sizeof *picture);
  if (!picture) return NULL;
  picture->width = width;
  picture->last = malloc(4 * (size_t)width + 4);
  if (!picture->last) {
    free(picture);
    return NULL;
  }
  return picture;
}

void png_rows_free(png_rows *picture) {
  if (!picture) return;
  free(picture->runs);
  free(picture->rows);
  free(picture->last);
  free(picture);
}

/// Makes room for `more` further elements of `size` bytes; returns the array, NULL for want of memory.
static void *grown(void *array, size_t count, size_t *room, size_t more, size_t size) {
  if (count + more <= *room) return array;
  size_t wanted = 2 * (count + more);
  void *larger = realloc(array, wanted * size);
  if (larger) *room = wanted;
  return larger;
}

/// Where the run of `color` that holds pixel `x` ends; most runs of a chart are long, so eight pixels
/// are looked at in one go.
static uint32_t run_end(const uint32_t *row, uint32_t x, uint32_t width, uint32_t color) {
  const uint64_t mask = (uint64_t)color_mask << 32 | color_mask;
  const uint64_t pair = (uint64_t)color << 32 | color;
  while (x + 8 <= width) {
    uint64_t pixels[4];
    memcpy(pixels, row + x, sizeof pixels);
    uint64_t difference =
      (pixels[0] ^ pair) | (pixels[1] ^ pair) | (pixels[2] ^ pair) | (pixels[3] ^ pair);
    if (difference & mask) break;
    x += 8;
  }
  while (x < width && (row[x] & color_mask) == color) x++;
  return x;
}

int png_rows_add(png_rows *picture, const uint8_t *pixels, size_t stride, uint32_t count) {
  const uint32_t width = picture->width;
  const uint32_t *above = picture->height > 0 ? picture->last : NULL;
  for (uint32_t y = 0; y < count; y++) {
    // Cairo aligns rows to four bytes.
    const uint32_t *row = (const uint32_t *)(const void *)(pixels + y * stride);
    picture->height++;
    if (above && memcmp(row, above, 4 * (size_t)width) == 0) {
      picture->rows[picture->row_count - 1].count++;
      continue;
    }
    above = row;
    pixel_row *rows = grown(
      picture->rows, picture->row_count, &picture->row_room, 1, sizeof *rows);
    if (!rows) return 1;
    picture->rows = rows;
    pixel_run *runs = grown(
      picture->runs, picture->run_count, &picture->run_room, width, sizeof *runs);
    if (!runs) return 1;
    picture->runs = runs;
    rows[picture->row_count++] = (pixel_row){.first = picture->run_count, .count = 1};
    uint32_t x = 0;
    while (x < width) {
      uint32_t color = row[x] & color_mask;
      uint32_t end = run_end(row, x, width, color);
      runs[picture->run_count++] = (pixel_run){.color = color, .length = end - x};
      x = end;
    }
  }
  if (above && above != picture->last) memcpy(picture->last, above, 4 * (size_t)width);
  return 0;
}

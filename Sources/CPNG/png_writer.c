#include "png_writer.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_SIZE 200

typedef struct {
  char message[MESSAGE_SIZE];
  png_sink sink;
  void *sink_context;
} writing;

static void on_error(png_structp png, png_const_charp text) {
  writing *state = png_get_error_ptr(png);
  snprintf(state->message, sizeof state->message, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_bytes(png_structp png, png_bytep bytes, png_size_t count) {
  writing *state = png_get_io_ptr(png);
  if (!state->sink(state->sink_context, bytes, count)) png_error(png, "the bytes were not taken");
}

static void on_flush(png_structp png) { (void)png; }

/// At most 256 colours, found by open addressing.
typedef struct {
  png_color colors[256];
  int count;
  uint32_t keys[1024];
  int16_t indices[1024];
} palette;

static unsigned slot(const palette *table, uint32_t key) {
  unsigned at = (key * 2654435761u) >> 22;
  while (table->indices[at] >= 0 && table->keys[at] != key) at = (at + 1) & 1023;
  return at;
}

static int add_color(palette *table, uint32_t key) {
  unsigned at = slot(table, key);
  if (table->indices[at] >= 0) return 1;
  if (table->count == 256) return 0;
  table->keys[at] = key;
  table->indices[at] = (int16_t)table->count;
  table->colors[table->count].red = (png_byte)(key >> 16);
  table->colors[table->count].green = (png_byte)(key >> 8);
  table->colors[table->count].blue = (png_byte)key;
  table->count++;
  return 1;
}

static uint32_t pixel(const uint8_t *row, uint32_t x) {
  const uint8_t *p = row + 4 * (size_t)x;
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

/// Collects the picture's colours; returns 0 if there are more than 256.
static int collect_colors(const png_picture *picture, palette *table) {
  table->count = 0;
  memset(table->indices, 0xFF, sizeof table->indices);
  for (uint32_t y = 0; y < picture->height; y++) {
    const uint8_t *row = picture->pixels + y * picture->stride;
    // A row equal to the one above, most of a chart, has no new colour.
    if (y > 0 && memcmp(row, row - picture->stride, 4 * (size_t)picture->width) == 0) continue;
    uint32_t last = 0xFFFFFFFF;
    for (uint32_t x = 0; x < picture->width; x++) {
      uint32_t key = pixel(row, x);
      if (key == last) continue;
      last = key;
      if (!add_color(table, key)) return 0;
    }
  }
  return 1;
}

static void convert_row(
  const png_picture *picture, const palette *table, uint32_t y, uint8_t *converted) {
  const uint8_t *row = picture->pixels + y * picture->stride;
  if (table) {
    uint32_t last = 0xFFFFFFFF;
    uint8_t index = 0;
    for (uint32_t x = 0; x < picture->width; x++) {
      uint32_t key = pixel(row, x);
      if (key != last) {
        last = key;
        index = (uint8_t)table->indices[slot(table, key)];
      }
      converted[x] = index;
    }
  } else {
    for (uint32_t x = 0; x < picture->width; x++) {
      converted[3 * (size_t)x] = row[4 * (size_t)x + 2];
      converted[3 * (size_t)x + 1] = row[4 * (size_t)x + 1];
      converted[3 * (size_t)x + 2] = row[4 * (size_t)x];
    }
  }
}

int png_write_picture(
  const png_picture *picture, png_sink sink, void *context, char *message, size_t message_size) {
  writing state = {.message = "out of memory", .sink = sink, .sink_context = context};
  // All that is freed after a longjmp is volatile or reached through memory: locals changed after
  // setjmp are otherwise indeterminate (C11 7.13.2.1).
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  uint8_t *volatile converted = NULL;
  png_text *volatile texts = NULL;
  palette *volatile table = NULL;
  volatile int failed = 1;

  png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &state, on_error, on_warning);
  if (!png) goto done;
  info = png_create_info_struct(png);
  if (!info) goto done;
  converted = malloc(3 * (size_t)picture->width + 1);
  texts = calloc(picture->text_count + 1, sizeof *texts);
  table = malloc(sizeof *table);
  if (!converted || !texts || !table) goto done;
  if (setjmp(png_jmpbuf(png))) goto done;

  int has_palette = collect_colors(picture, table);
  png_set_write_fn(png, &state, on_bytes, on_flush);
  png_set_IHDR(
    png, info, picture->width, picture->height, 8,
    has_palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (has_palette) png_set_PLTE(png, info, table->colors, table->count);
  if (picture->pixels_per_metre > 0) {
    png_set_pHYs(
      png, info, picture->pixels_per_metre, picture->pixels_per_metre, PNG_RESOLUTION_METER);
  }
  for (size_t i = 0; i < picture->text_count; i++) {
    int is_ascii = 1;
    for (const char *c = picture->texts[i]; *c; c++) is_ascii &= (unsigned char)*c < 0x80;
    // tEXt is Latin-1; anything beyond ASCII goes into iTXt, which is UTF-8.
    texts[i].compression = is_ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    texts[i].key = (char *)picture->keywords[i];
    texts[i].text = (char *)picture->texts[i];
    texts[i].text_length = strlen(picture->texts[i]);
    texts[i].itxt_length = is_ascii ? 0 : texts[i].text_length;
    texts[i].lang = "en";
    texts[i].lang_key = "";
  }
  png_set_text(png, info, texts, (int)picture->text_count);
  png_set_compression_level(png, picture->compression_level);
  // Flat colours and few of them: no filter and plain matching beat every alternative measured.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_write_info(png, info);
  for (uint32_t y = 0; y < picture->height; y++) {
    int repeats = y > 0
      && memcmp(
           picture->pixels + y * picture->stride, picture->pixels + (y - 1) * picture->stride,
           4 * (size_t)picture->width) == 0;
    if (!repeats) convert_row(picture, has_palette ? table : NULL, y, converted);
    png_write_row(png, converted);
  }
  png_write_end(png, info);
  failed = 0;

done:
  if (failed && message_size > 0) snprintf(message, message_size, "%s", state.message);
  if (png) {
    png_structp owned = png;
    png_infop owned_info = info;
    png_destroy_write_struct(&owned, &owned_info);
  }
  free(converted);
  free(texts);
  free(table);
  return failed;
}

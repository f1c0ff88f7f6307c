#include "rows.h"

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

enum { slot_bits = 15, slot_count = 1 << slot_bits, palette_size = 256 };

/// A colour of the picture.
typedef struct {
  uint32_t key;
  uint64_t pixels;
} shade;

/// The picture's colours, found by open addressing, and a palette for them.
typedef struct {
  uint32_t keys[slot_count];
  /// 0 marks a free slot.
  uint64_t pixels[slot_count];
  uint8_t indices[slot_count];
  int distinct;
  shade shades[slot_count];
  /// How far each shade is from the palette so far.
  int distances[slot_count];
  png_color colors[palette_size];
  int count;
} palette;

static unsigned slot(const palette *table, uint32_t key) {
  unsigned at = (key * 2654435761u) >> (32 - slot_bits);
  while (table->pixels[at] > 0 && table->keys[at] != key) at = (at + 1) & (slot_count - 1);
  return at;
}

/// The run after the last of a row.
static const pixel_run *runs_end(const png_rows *picture, size_t row) {
  size_t end = row + 1 < picture->row_count ? picture->rows[row + 1].first : picture->run_count;
  return picture->runs + end;
}

/// Counts the pixels of each colour; returns 0 if there are too many colours for the table.
static int count_colors(const png_rows *picture, palette *table) {
  memset(table->pixels, 0, sizeof table->pixels);
  table->distinct = 0;
  for (size_t row = 0; row < picture->row_count; row++) {
    const pixel_run *end = runs_end(picture, row);
    for (const pixel_run *run = picture->runs + picture->rows[row].first; run < end; run++) {
      unsigned at = slot(table, run->color);
      if (table->pixels[at] == 0) {
        if (table->distinct == slot_count / 2) return 0;
        table->distinct++;
        table->keys[at] = run->color;
      }
      table->pixels[at] += (uint64_t)picture->rows[row].count * run->length;
    }
  }
  return 1;
}

static int by_frequency(const void *left, const void *right) {
  const shade *a = left, *b = right;
  if (a->pixels != b->pixels) return a->pixels > b->pixels ? -1 : 1;
  return a->key < b->key ? -1 : a->key > b->key;
}

/// The largest difference of a channel.
static int distance(uint32_t a, uint32_t b) {
  int largest = 0;
  for (int shift = 0; shift <= 16; shift += 8) {
    int difference = abs((int)(a >> shift & 0xFF) - (int)(b >> shift & 0xFF));
    if (difference > largest) largest = difference;
  }
  return largest;
}

/// Finds a palette that every pixel is within `tolerance` of; returns 0 if there is none.
///
/// Flat colours are kept exactly: the most frequent ones come first. What else there is are the
/// steps between them at the edges of lines and letters, of which each time the one farthest from
/// the palette joins it (Gonzalez 1985). Few of some thousand steps move, by less than the eye sees,
/// and the file takes half the time and space of one with three bytes a pixel.
static int choose_palette(const png_rows *picture, palette *table, int tolerance) {
  enum { kept = 64 };
  if (!count_colors(picture, table)) return 0;
  int n = 0;
  for (unsigned at = 0; at < slot_count; at++) {
    if (table->pixels[at] > 0) {
      table->shades[n++] = (shade){.key = table->keys[at], .pixels = table->pixels[at]};
    }
  }
  qsort(table->shades, (size_t)n, sizeof *table->shades, by_frequency);
  for (int i = 0; i < n; i++) table->distances[i] = 256;
  table->count = 0;
  int farthest = 0;
  while (table->count < palette_size) {
    int chosen = table->count < kept && table->count < n ? table->count : farthest;
    if (table->distances[chosen] == 0) break;
    uint32_t key = table->shades[chosen].key;
    table->colors[table->count].red = (png_byte)(key >> 16);
    table->colors[table->count].green = (png_byte)(key >> 8);
    table->colors[table->count].blue = (png_byte)key;
    farthest = 0;
    for (int i = 0; i < n; i++) {
      int found = distance(table->shades[i].key, key);
      if (found < table->distances[i]) {
        table->distances[i] = found;
        table->indices[slot(table, table->shades[i].key)] = (uint8_t)table->count;
      }
      if (table->distances[i] > table->distances[farthest]) farthest = i;
    }
    table->count++;
  }
  return table->distances[farthest] <= tolerance;
}

/// A row as libpng takes it: an index a pixel, or three channels.
static void convert_row(
  const png_rows *picture, const palette *table, size_t row, uint8_t *converted) {
  const pixel_run *end = runs_end(picture, row);
  for (const pixel_run *run = picture->runs + picture->rows[row].first; run < end; run++) {
    if (table) {
      memset(converted, table->indices[slot(table, run->color)], run->length);
      converted += run->length;
    } else {
      for (uint32_t i = 0; i < run->length; i++) {
        *converted++ = (uint8_t)(run->color >> 16);
        *converted++ = (uint8_t)(run->color >> 8);
        *converted++ = (uint8_t)run->color;
      }
    }
  }
}

int png_rows_write(
  const png_rows *picture, const png_settings *settings, png_sink sink, void *context,
  char *message, size_t message_size) {
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
  texts = calloc(settings->text_count + 1, sizeof *texts);
  table = malloc(sizeof *table);
  if (!converted || !texts || !table) goto done;
  if (setjmp(png_jmpbuf(png))) goto done;

  int has_palette = choose_palette(picture, table, settings->color_tolerance);
  png_set_write_fn(png, &state, on_bytes, on_flush);
  png_set_IHDR(
    png, info, picture->width, picture->height, 8,
    has_palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
    PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (has_palette) png_set_PLTE(png, info, table->colors, table->count);
  if (settings->pixels_per_metre > 0) {
    png_set_pHYs(
      png, info, settings->pixels_per_metre, settings->pixels_per_metre, PNG_RESOLUTION_METER);
  }
  for (size_t i = 0; i < settings->text_count; i++) {
    int is_ascii = 1;
    for (const char *c = settings->texts[i]; *c; c++) is_ascii &= (unsigned char)*c < 0x80;
    // tEXt is Latin-1; anything beyond ASCII goes into iTXt, which is UTF-8.
    texts[i].compression = is_ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
    texts[i].key = (char *)settings->keywords[i];
    texts[i].text = (char *)settings->texts[i];
    texts[i].text_length = strlen(settings->texts[i]);
    texts[i].itxt_length = is_ascii ? 0 : texts[i].text_length;
    texts[i].lang = "en";
    texts[i].lang_key = "";
  }
  png_set_text(png, info, texts, (int)settings->text_count);
  // A page without a palette is rare and large: worth more time.
  png_set_compression_level(png, has_palette ? settings->compression_level : 9);
  // Flat colours: filters would only hide that they repeat.
  png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
  png_write_info(png, info);
  for (size_t row = 0; row < picture->row_count; row++) {
    convert_row(picture, has_palette ? table : NULL, row, converted);
    for (uint32_t i = 0; i < picture->rows[row].count; i++) png_write_row(png, converted);
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

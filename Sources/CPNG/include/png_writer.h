#ifndef TRANSFERGAP_PNG_WRITER_H
#define TRANSFERGAP_PNG_WRITER_H

#include <stddef.h>
#include <stdint.h>

/// A picture that grows row by row and takes little room: of each row the runs of one colour are
/// kept, of rows that repeat only their number.
typedef struct png_rows png_rows;

/// An empty picture, `width` pixels wide; NULL for want of memory.
png_rows *png_rows_create(uint32_t width);

/// Adds rows below those that are there.
///
/// The pixels are 32 bits each, blue first, the fourth byte unused: cairo's CAIRO_FORMAT_RGB24 on a
/// little-endian machine. `stride` is in bytes, a multiple of 4.
///
/// Returns 0, or 1 for want of memory.
int png_rows_add(png_rows *picture, const uint8_t *pixels, size_t stride, uint32_t count);

void png_rows_free(png_rows *picture);

/// What a file holds besides the pixels, and how they are packed.
typedef struct {
  /// For the chunk pHYs; 0 leaves it out.
  uint32_t pixels_per_metre;
  /// zlib's level, 0 to 9, where there is a palette.
  int compression_level;
  /// How far a channel of a pixel may move so that 256 colours suffice, 0 to 255.
  int color_tolerance;
  /// `text_count` keywords (Latin-1, at most 79 bytes) and their texts (UTF-8).
  const char *const *keywords;
  const char *const *texts;
  size_t text_count;
} png_settings;

/// Takes the file's next bytes; returns 0 if it cannot.
typedef int (*png_sink)(void *context, const uint8_t *bytes, size_t count);

/// Writes a PNG file: with a palette if 256 colours suffice, else 8 bits a channel.
///
/// libpng reports errors by longjmp, which must not cross Swift frames; so the whole writing happens
/// here.
///
/// Returns 0, or 1 with `message` (of `message_size` bytes) filled in.
int png_rows_write(
  const png_rows *picture, const png_settings *settings, png_sink sink, void *context,
  char *message, size_t message_size);

#endif

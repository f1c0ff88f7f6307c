#ifndef TRANSFERGAP_PNG_ROWS_H
#define TRANSFERGAP_PNG_ROWS_H

#include "png_writer.h"

/// Neighbours of one colour, 0xRRGGBB.
typedef struct {
  uint32_t color;
  uint32_t length;
} pixel_run;

/// A row and how often it is repeated below itself.
typedef struct {
  /// The index of its first run; its last is before the next row's first.
  size_t first;
  uint32_t count;
} pixel_row;

struct png_rows {
  uint32_t width;
  uint32_t height;
  pixel_run *runs;
  size_t run_count;
  size_t run_room;
  pixel_row *rows;
  size_t row_count;
  size_t row_room;
  /// The pixels of the row added last.
  uint32_t *last;
};

#endif

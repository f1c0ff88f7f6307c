#ifndef TRANSFERGAP_KERNELS_EMBEDDING_H
#define TRANSFERGAP_KERNELS_EMBEDDING_H

#include "vector.h"

static void embed(
  const float *words, const int32_t *word_rows, const float *positions_table,
  const uint32_t *positions, const float *type, long rows, long columns, float *out
) {
  for (long t = 0; t < rows; t++) {
    const float *word = words + (long)word_rows[t] * columns;
    const float *position = positions_table + (long)positions[t] * columns;
    if (type)
      for (long j = 0; j < columns; j++) out[t * columns + j] = word[j] + type[j] + position[j];
    else
      for (long j = 0; j < columns; j++) out[t * columns + j] = word[j] + position[j];
  }
}

static void embed_backward(
  const float *d, const int32_t *word_rows, const uint32_t *positions, long rows, long columns,
  float *dwords, float *dpositions
) {
  for (long t = 0; t < rows; t++) {
    float *word = dwords + (long)word_rows[t] * columns;
    float *position = dpositions + (long)positions[t] * columns;
    for (long j = 0; j < columns; j++) {
      word[j] += d[t * columns + j];
      position[j] += d[t * columns + j];
    }
  }
}

#endif

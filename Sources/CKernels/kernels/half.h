#ifndef TRANSFERGAP_KERNELS_HALF_H
#define TRANSFERGAP_KERNELS_HALF_H

#include "vector.h"

static void to_half(const float *x, uint16_t *halves, long count) {
  for (long i = 0; i < count; i++) {
    _Float16 half = (_Float16)x[i];
    memcpy(&halves[i], &half, sizeof half);
  }
}

static void from_half(const uint16_t *halves, float *x, long count) {
  for (long i = 0; i < count; i++) {
    _Float16 half;
    memcpy(&half, &halves[i], sizeof half);
    x[i] = (float)half;
  }
}

#endif

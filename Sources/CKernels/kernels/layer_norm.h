#ifndef TRANSFERGAP_KERNELS_LAYER_NORM_H
#define TRANSFERGAP_KERNELS_LAYER_NORM_H

#include "dropout.h"

TG_INLINE v16 load_part(const float *p, long n) {
  return n >= 16 ? v_load(p) : v_load_first(p, n, 0);
}

TG_INLINE void store_part(float *p, v16 x, long n) {
  if (n >= 16)
    v_store(p, x);
  else
    v_store_first(p, x, n);
}

/* Mean, then the squared distances from it: the sum of squares less the square of the mean would
 * cancel. The row stays in the first-level cache over the three passes. */
static void residual_layer_norm(
  const float *x, const float *bias, const float *residual, const tg_dropout *dropout,
  const uint32_t *examples, const uint32_t *positions, const float *gamma, const float *beta,
  float epsilon, long rows, long columns, float *y, float *normalized, float *inverse_deviation
) {
  for (long i = 0; i < rows; i++) {
    const float *from = x + i * columns;
    const float *around = residual ? residual + i * columns : 0;
    float *to = y + i * columns;
    v16 sum = v_all(0);
    uint32_t draws[tg_draws_at_once];
    for (long j = 0; j < columns; j += 16) {
      const long n = columns - j;
      v16 z = load_part(from + j, n);
      if (bias) z = z + load_part(bias + j, n);
      if (dropout) {
        if (j % tg_draws_at_once == 0)
          draw32(dropout, (uint32_t)(j / 4), positions[i], examples[i], draws);
        z = z * keep_factors(dropout, draws + j % tg_draws_at_once);
      }
      if (around) z = z + load_part(around + j, n);
      sum = sum + z;
      store_part(to + j, z, n);
    }
    const float mean = v_sum(sum) / (float)columns;
    v16 squares = v_all(0);
    for (long j = 0; j < columns; j += 16) {
      const long n = columns - j;
      const v16 c = (n >= 16 ? v_load(to + j) : v_load_first(to + j, n, mean)) - v_all(mean);
      squares = squares + c * c;
      store_part(to + j, c, n);
    }
    const float inverse = 1 / __builtin_sqrtf(v_sum(squares) / (float)columns + epsilon);
    if (inverse_deviation) inverse_deviation[i] = inverse;
    for (long j = 0; j < columns; j += 16) {
      const long n = columns - j;
      const v16 h = load_part(to + j, n) * v_all(inverse);
      if (normalized) store_part(normalized + i * columns + j, h, n);
      store_part(to + j, h * load_part(gamma + j, n) + load_part(beta + j, n), n);
    }
  }
}

/* With g = dy gamma and h the normalised row:
 * dz = (g - mean(g) - h mean(g h)) / deviation (Ba, Kiros, Hinton 2016). */
static void layer_norm_backward(
  const float *dy, const float *normalized, const float *inverse_deviation, const float *gamma,
  long rows, long columns, float *dz, float *dgamma, float *dbeta
) {
  /* First the sums over rows, since dz may overwrite dy. */
  if (dgamma && dbeta) {
    enum { run = 64, tile = 256 };
    float partialGamma[tile], partialBeta[tile];
    for (long j = 0; j < columns; j += tile) {
      const long width = columns - j < tile ? columns - j : tile;
      for (long k = 0; k < width; k++) dgamma[j + k] = dbeta[j + k] = 0;
      for (long start = 0; start < rows; start += run) {
        const long end = start + run < rows ? start + run : rows;
        for (long k = 0; k < width; k++) partialGamma[k] = partialBeta[k] = 0;
        for (long i = start; i < end; i++) {
          const float *d = dy + i * columns + j, *h = normalized + i * columns + j;
          for (long k = 0; k < width; k++) {
            partialBeta[k] += d[k];
            partialGamma[k] += d[k] * h[k];
          }
        }
        for (long k = 0; k < width; k++) {
          dgamma[j + k] += partialGamma[k];
          dbeta[j + k] += partialBeta[k];
        }
      }
    }
  }
  for (long i = 0; i < rows; i++) {
    const float *d = dy + i * columns, *h = normalized + i * columns;
    v16 sum = v_all(0), product = v_all(0);
    for (long j = 0; j < columns; j += 16) {
      const long n = columns - j;
      const v16 g = load_part(d + j, n) * load_part(gamma + j, n);
      sum = sum + g;
      product = product + g * load_part(h + j, n);
    }
    const v16 mean = v_all(v_sum(sum) / (float)columns);
    const v16 slope = v_all(v_sum(product) / (float)columns);
    const v16 inverse = v_all(inverse_deviation[i]);
    for (long j = 0; j < columns; j += 16) {
      const long n = columns - j;
      const v16 g = load_part(d + j, n) * load_part(gamma + j, n);
      store_part(dz + i * columns + j, (g - mean - load_part(h + j, n) * slope) * inverse, n);
    }
  }
}

#endif

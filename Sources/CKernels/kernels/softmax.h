#ifndef TRANSFERGAP_KERNELS_SOFTMAX_H
#define TRANSFERGAP_KERNELS_SOFTMAX_H

#include "dropout.h"

/* Lanes j, j + 1, ... below `keys`. */
TG_INLINE i16v lanes_below(long j, long keys) {
  const i16v lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return lane < (i16v){0} + (int32_t)(keys - j);
}

static void attention_softmax(
  float *scores, float *weights, float *sums, long heads, long queries, long keys, long stride,
  float scale, const tg_dropout *dropout, uint32_t example
) {
  const v16 lowest = v_all(-3.0e38f);
  for (long row = 0; row < heads * queries; row++) {
    float *s = scores + row * stride;
    /* The scratch behind the keys may hold anything, NaN included, so it is masked and never added. */
    v16 best = lowest;
    for (long j = 0; j < keys; j += 16) {
      const v16 x = v_select(lanes_below(j, keys), v_load(s + j) * v_all(scale), lowest);
      v_store(s + j, x);
      best = v_select(x > best, x, best);
    }
    const v16 highest = v_all(v_max(best));
    v16 total = v_all(0);
    for (long j = 0; j < keys; j += 16) {
      const v16 e = v_exp(v_load(s + j) - highest);
      v_store(s + j, e);
      total = total + e;
    }
    const v16 inverse = v_all(1 / v_sum(total));
    v16 sum = v_all(0);
    if (dropout) {
      float *w = weights + row * stride;
      uint32_t draws[tg_draws_at_once];
      const uint32_t place = (uint32_t)(row % queries + 65536 * (row / queries));
      for (long j = 0; j < keys; j += 16) {
        if (j % tg_draws_at_once == 0)
          draw32(dropout, (uint32_t)(j / 4), place, example, draws);
        const v16 factors = keep_factors(dropout, draws + j % tg_draws_at_once);
        const v16 p = v_load(s + j) * inverse, kept = p * factors;
        const i16v dropped = (factors == v_all(0)) & (int32_t)0x80000000;
        v_store(s + j, (v16)((i16v)p | dropped));
        v_store(w + j, kept);
        sum = sum + kept;
      }
    } else {
      for (long j = 0; j < keys; j += 16) {
        const v16 p = v_load(s + j) * inverse;
        v_store(s + j, p);
        sum = sum + p;
      }
    }
    if (sums) sums[row] = v_sum(sum);
  }
}

static void attention_weights(
  const float *signed_p, float *weights, long count, float dropout_scale
) {
  for (long i = 0; i < count; i += 16) {
    const v16 p = v_load(signed_p + i);
    v_store(weights + i, v_select((i16v)p < 0, v_all(0), p * v_all(dropout_scale)));
  }
}

/* dp = d where kept, times the dropout's scale; ds = p (dp - sum of p dp). */
static void attention_softmax_backward(
  const float *signed_p, float *d, long rows, long keys, long stride, float scale,
  float dropout_scale
) {
  for (long row = 0; row < rows; row++) {
    const float *ps = signed_p + row * stride;
    float *ds = d + row * stride;
    v16 sum = v_all(0);
    for (long j = 0; j < keys; j += 16) {
      const v16 p = v_load(ps + j);
      const i16v kept = lanes_below(j, keys) & ((i16v)p >= 0);
      const v16 dp = v_select(kept, v_load(ds + j) * v_all(dropout_scale), v_all(0));
      v_store(ds + j, dp);
      sum = sum + v_abs(p) * dp;
    }
    const v16 inner = v_all(v_sum(sum));
    for (long j = 0; j < keys; j += 16)
      v_store(ds + j, v_abs(v_load(ps + j)) * (v_load(ds + j) - inner) * v_all(scale));
  }
}

static void add_weighted_bias(
  float *context, const float *sums, const float *bias, long examples, long heads, long width
) {
  for (long e = 0; e < examples; e++)
    for (long h = 0; h < heads; h++) {
      float *c = context + (e * heads + h) * width;
      for (long k = 0; k < width; k++) c[k] += sums[e * heads + h] * bias[h * width + k];
    }
}

static void weighted_bias_backward(
  const float *d, const float *sums, const float *bias, long examples, long heads, long width,
  float *dbias, float *dsums
) {
  if (dbias)
    for (long j = 0; j < heads * width; j++) dbias[j] = 0;
  for (long e = 0; e < examples; e++)
    for (long h = 0; h < heads; h++) {
      const float *c = d + (e * heads + h) * width, *b = bias + h * width;
      if (dbias)
        for (long k = 0; k < width; k++) dbias[h * width + k] += sums[e * heads + h] * c[k];
      float lanes[16] = {0};
      for (long k = 0; k < width; k++) lanes[k % 16] += c[k] * b[k];
      float sum = 0;
      for (int k = 0; k < 16; k++) sum += lanes[k];
      dsums[e * heads + h] = sum;
    }
}

static void add_to_rows(float *x, const float *values, long rows, long columns, long stride) {
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) x[i * stride + j] += values[i];
}

#endif

#ifndef TRANSFERGAP_KERNELS_ELEMENTWISE_H
#define TRANSFERGAP_KERNELS_ELEMENTWISE_H

#include "vector.h"

static void add_bias(float *x, long rows, long columns, const float *bias) {
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) x[i * columns + j] += bias[j];
}

static void add(float *y, const float *x, long count) {
  for (long i = 0; i < count; i++) y[i] += x[i];
}

static void scale(float *x, long count, float factor) {
  for (long i = 0; i < count; i++) x[i] *= factor;
}

static double sum_of_squares(const float *x, long count) {
  double lanes[16] = {0};
  long i = 0;
  for (; i + 16 <= count; i += 16)
    for (int k = 0; k < 16; k++) lanes[k] += (double)x[i + k] * x[i + k];
  for (int k = 0; i < count; i++, k++) lanes[k] += (double)x[i] * x[i];
  double sum = 0;
  for (int k = 0; k < 16; k++) sum += lanes[k];
  return sum;
}

/* Columns in tiles that stay in the first-level cache; rows in runs of 64 whose sums are added up
 * afterwards, so that rounding grows with the root of the number of runs and not of rows. */
static void column_sums(const float *x, long rows, long columns, long stride, float *sums) {
  enum { tile = 256, run = 64 };
  float partial[tile];
  for (long j = 0; j < columns; j += tile) {
    const long width = columns - j < tile ? columns - j : tile;
    for (long k = 0; k < width; k++) sums[j + k] = 0;
    for (long start = 0; start < rows; start += run) {
      const long end = start + run < rows ? start + run : rows;
      for (long k = 0; k < width; k++) partial[k] = 0;
      for (long i = start; i < end; i++)
        for (long k = 0; k < width; k++) partial[k] += x[i * stride + j + k];
      for (long k = 0; k < width; k++) sums[j + k] += partial[k];
    }
  }
}

/* Below 0.6, x + x^3 P(x^2) with our own minimax fit (relative error 4e-9); above, from exp, where
 * the subtraction loses nothing. */
TG_INLINE v16 v_tanh(v16 x) {
  const v16 a = v_abs(x), s = x * x;
  v16 p = v_all(-0x1.785ff2p-8f);
  p = p * s + v_all(0x1.52ae8cp-6f);
  p = p * s + v_all(-0x1.b85016p-5f);
  p = p * s + v_all(0x1.1107b6p-3f);
  p = p * s + v_all(-0x1.555536p-2f);
  const v16 small = x * s * p + x;
  const v16 e = v_exp(v_all(-2) * a);
  const v16 large = (v_all(1) - e) / (v_all(1) + e);
  const v16 signedLarge = (v16)((i16v)large | ((i16v)x & (int32_t)0x80000000));
  return v_select(a < v_all(0.6f), small, signedLarge);
}

static void tanh(float *x, long count) {
  long i = 0;
  for (; i + 16 <= count; i += 16) v_store(x + i, v_tanh(v_load(x + i)));
  if (i < count) v_store_first(x + i, v_tanh(v_load_first(x + i, count - i, 0)), count - i);
}

static void tanh_backward(float *d, const float *y, long count) {
  for (long i = 0; i < count; i++) d[i] *= 1 - y[i] * y[i];
}

/* Comparisons with a NaN are false, so that one stays one, as in PyTorch. */
static void relu(float *x, long count) {
  for (long i = 0; i < count; i++) x[i] = x[i] < 0 ? 0 : x[i];
}

static void relu_backward(float *d, const float *y, long count) {
  for (long i = 0; i < count; i++) d[i] = y[i] <= 0 ? 0 : d[i];
}

static void exp(const float *x, float *y, long count) {
  long i = 0;
  for (; i + 16 <= count; i += 16) v_store(y + i, v_exp(v_load(x + i)));
  if (i < count) v_store_first(y + i, v_exp(v_load_first(x + i, count - i, 0)), count - i);
}

#endif

#ifndef TRANSFERGAP_KERNELS_GELU_H
#define TRANSFERGAP_KERNELS_GELU_H

#include "vector.h"

/* The upper tail 1 - Phi(|x|) of the normal distribution, given e = exp(-x^2 / 2):
 * e times a polynomial in t = 1 / (1 + 0.35 |x|), the form of Abramowitz and Stegun 7.1.26 with nine
 * terms of our own minimax fit on |x| <= 14. Measured over all floats: x Phi(x) is within 2.1e-7 |x|, four
 * units in the last place of 1/2, and its slope within 2.1e-7. */
TG_INLINE v16 v_normal_tail(v16 x, v16 e) {
  const v16 t = v_all(1) / (v_all(1) + v_all(0.35f) * v_abs(x));
  const v16 u = t - v_all(0.5f);
  v16 p = v_all(-0.0291459393f);
  p = p * u + v_all(0.0273879841f);
  p = p * u + v_all(0.0441651754f);
  p = p * u + v_all(-0.0561387017f);
  p = p * u + v_all(-0.0817401558f);
  p = p * u + v_all(0.0818708092f);
  p = p * u + v_all(0.284395784f);
  p = p * u + v_all(0.34299162f);
  p = p * u + v_all(0.253244281f);
  return p * t * e;
}

TG_INLINE v16 v_normal_distribution(v16 x, v16 e) {
  const v16 tail = v_normal_tail(x, e);
  return v_select(x < v_all(0), tail, v_all(1) - tail);
}

TG_INLINE v16 v_gelu(v16 x) {
  return x * v_normal_distribution(x, v_exp(v_all(-0.5f) * x * x));
}

/* Phi(x) + x phi(x). */
TG_INLINE v16 v_gelu_slope(v16 x) {
  const v16 e = v_exp(v_all(-0.5f) * x * x);
  return v_normal_distribution(x, e) + x * (e * v_all(0.3989422804f));
}

static void bias_gelu(float *pre, float *out, long rows, long columns, const float *bias) {
  for (long i = 0; i < rows; i++) {
    float *p = pre + i * columns, *o = out + i * columns;
    long j = 0;
    for (; j + 16 <= columns; j += 16) {
      const v16 x = v_load(p + j) + v_load(bias + j);
      v_store(p + j, x);
      v_store(o + j, v_gelu(x));
    }
    if (j < columns) {
      const long n = columns - j;
      const v16 x = v_load_first(p + j, n, 0) + v_load_first(bias + j, n, 0);
      v_store_first(p + j, x, n);
      v_store_first(o + j, v_gelu(x), n);
    }
  }
}

static void gelu(const float *pre, float *out, long count) {
  long i = 0;
  for (; i + 16 <= count; i += 16) v_store(out + i, v_gelu(v_load(pre + i)));
  if (i < count) {
    const long n = count - i;
    v_store_first(out + i, v_gelu(v_load_first(pre + i, n, 0)), n);
  }
}

static void gelu_backward(const float *d, const float *pre, float *out, long count) {
  long i = 0;
  for (; i + 16 <= count; i += 16)
    v_store(out + i, v_load(d + i) * v_gelu_slope(v_load(pre + i)));
  if (i < count) {
    const long n = count - i;
    const v16 x = v_load_first(d + i, n, 0) * v_gelu_slope(v_load_first(pre + i, n, 0));
    v_store_first(out + i, x, n);
  }
}

#endif

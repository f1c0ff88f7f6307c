#ifndef TRANSFERGAP_VECTOR_H
#define TRANSFERGAP_VECTOR_H

#include <stdint.h>
#include <string.h>

#include "../include/kernels.h"

/* Sixteen lanes, whatever the processor: the compiler cuts them into the registers it has. Writing
 * the lanes out fixes the order of every sum. */
typedef float v16 __attribute__((vector_size(64)));
typedef int32_t i16v __attribute__((vector_size(64)));
typedef uint32_t u16v __attribute__((vector_size(64)));

#define TG_INLINE static inline __attribute__((always_inline))

TG_INLINE v16 v_load(const float *p) {
  v16 x;
  memcpy(&x, p, sizeof x);
  return x;
}

TG_INLINE void v_store(float *p, v16 x) { memcpy(p, &x, sizeof x); }

/* The first n < 16 elements, the other lanes being `fill`. */
TG_INLINE v16 v_load_first(const float *p, long n, float fill) {
  v16 x;
  for (int i = 0; i < 16; i++) x[i] = i < n ? p[i] : fill;
  return x;
}

TG_INLINE void v_store_first(float *p, v16 x, long n) {
  for (int i = 0; i < 16; i++)
    if (i < n) p[i] = x[i];
}

TG_INLINE v16 v_all(float x) {
  return (v16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
}

/* mask ? a : b, where the mask's lanes are 0 or -1. */
TG_INLINE v16 v_select(i16v mask, v16 a, v16 b) {
  return (v16)(((i16v)a & mask) | ((i16v)b & ~mask));
}

TG_INLINE v16 v_abs(v16 x) { return (v16)((i16v)x & 0x7fffffff); }

/* The lanes' sum, halving: fixed, and kinder to rounding than going along them. */
TG_INLINE float v_sum(v16 x) {
  float a[8];
  for (int i = 0; i < 8; i++) a[i] = x[i] + x[i + 8];
  for (int i = 0; i < 4; i++) a[i] += a[i + 4];
  return (a[0] + a[2]) + (a[1] + a[3]);
}

TG_INLINE float v_max(v16 x) {
  float m = x[0];
  for (int i = 1; i < 16; i++) m = x[i] > m ? x[i] : m;
  return m;
}

/* exp(x) for x <= 88, 0 below -87.33; within 1 ulp (measured over all such x).
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2 (the constant in two parts, after Cody and Waite), then
 * exp(r) = 1 + r + r^2 P(r). P is our own minimax fit, relative error 4e-9. */
TG_INLINE v16 v_exp(v16 x) {
  const i16v underflow = x < v_all(-87.33f);
  x = v_select(underflow, v_all(-87.33f), x);
  /* Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits. */
  const v16 shifted = x * v_all(0x1.715476p0f) + v_all(0x1.8p23f);
  const v16 n = shifted - v_all(0x1.8p23f);
  v16 r = x - n * v_all(0x1.62e4p-1f);
  r = r - n * v_all(0x1.7f7d1cp-20f);
  v16 p = v_all(0x1.6a1a6ep-10f);
  p = p * r + v_all(0x1.123fc6p-7f);
  p = p * r + v_all(0x1.555916p-5f);
  p = p * r + v_all(0x1.55548ap-3f);
  p = p * r + v_all(0x1.fffffcp-2f);
  p = p * (r * r) + r;
  p = p + v_all(1);
  const i16v power = ((i16v)shifted - (i16v)v_all(0x1.8p23f)) << 23;
  return v_select(underflow, v_all(0), (v16)((i16v)p + power));
}

#endif

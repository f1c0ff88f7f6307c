#ifndef TRANSFERGAP_KERNELS_ADAMW_H
#define TRANSFERGAP_KERNELS_ADAMW_H

#include "vector.h"

static void adamw(
  float *p, const float *g, float *m, float *v, long count, float beta2,
  float one_minus_beta1, float one_minus_beta2, float keep, float step_size,
  float sqrt_correction2, float epsilon
) {
  for (long i = 0; i < count; i++) {
    /* torch writes the first moment as a linear interpolation, m + (1 - beta1) (g - m). */
    const float first = m[i] + one_minus_beta1 * (g[i] - m[i]);
    const float second = beta2 * v[i] + one_minus_beta2 * g[i] * g[i];
    m[i] = first;
    v[i] = second;
    p[i] = p[i] * keep - step_size * (first / (__builtin_sqrtf(second) / sqrt_correction2 + epsilon));
  }
}

#endif

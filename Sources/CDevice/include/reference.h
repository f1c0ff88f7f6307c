#ifndef TRANSFERGAP_REFERENCE_H
#define TRANSFERGAP_REFERENCE_H

#include <stddef.h>

/* What a device's results are compared with: compiled optimised in debug builds as well, since it goes through every
 * element. */

/* c = alpha op(a) op(b) + beta c, row-major, with sums in double precision. c is not read if beta is 0. */
void tg_reference_product(
  int a_transposed, int b_transposed, size_t m, size_t n, size_t k, float alpha, const float *a,
  size_t a_stride, const float *b, size_t b_stride, float beta, float *c, size_t c_stride);

/* How far two results of one computation are apart: the largest difference of two elements, as a share of the element's
 * magnitude and the root mean square of all that either result changed. Infinite if one element is finite and the other is
 * not; 0 if nothing differs. before, expected and found have `count` floats. */
double tg_largest_difference(
  const float *before, const float *expected, const float *found, size_t count);

#endif

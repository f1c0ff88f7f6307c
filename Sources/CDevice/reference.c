#include "reference.h"

#include <math.h>
#include <string.h>

void tg_reference_product(
  int a_transposed, int b_transposed, size_t m, size_t n, size_t k, float alpha, const float *a,
  size_t a_stride, const float *b, size_t b_stride, float beta, float *c, size_t c_stride) {
  const size_t a_row = a_transposed ? 1 : a_stride, a_column = a_transposed ? a_stride : 1;
  const size_t b_row = b_transposed ? 1 : b_stride, b_column = b_transposed ? b_stride : 1;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t l = 0; l < k; l++)
        sum += (double)a[i * a_row + l * a_column] * b[l * b_row + j * b_column];
      float *const out = &c[i * c_stride + j];
      *out = alpha * (float)sum + (beta == 0 ? 0 : beta * *out);
    }
}

/* Whether either result changed an element, by its bits. */
static int is_changed(const float *before, const float *expected, const float *found) {
  return memcmp(before, expected, sizeof *before) != 0 || memcmp(found, expected, sizeof *found) != 0;
}

double tg_largest_difference(
  const float *before, const float *expected, const float *found, size_t count) {
  double squares = 0;
  size_t changed = 0;
  for (size_t i = 0; i < count; i++)
    if (is_changed(&before[i], &expected[i], &found[i]) && isfinite(expected[i])) {
      squares += (double)expected[i] * expected[i];
      changed++;
    }
  const double scale = changed ? sqrt(squares / changed) : 0;
  double largest = 0;
  for (size_t i = 0; i < count; i++) {
    if (memcmp(&found[i], &expected[i], sizeof *found) == 0 || found[i] == expected[i]) continue;
    if (isnan(found[i]) && isnan(expected[i])) continue;
    const double difference =
      fabs((double)found[i] - expected[i]) / (scale + fabs((double)expected[i]));
    /* A difference of not-a-number or infinity is none of numbers; nor is one beside nothing. */
    if (!(difference <= largest)) largest = isfinite(difference) ? difference : INFINITY;
  }
  return largest;
}

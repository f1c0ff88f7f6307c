/* Linear scores and the gradient of their weights. Sums are in double: the optimiser compares losses that differ in the
 * tenth digit. */

/* Sixteen explicit lanes, so that the order of the sum is the same on every processor. */
static double dot_double(const float *x, const double *w, long count) {
  double lanes[16] = {0};
  long i = 0;
  for (; i + 16 <= count; i += 16)
    for (int k = 0; k < 16; k++) lanes[k] += x[i + k] * w[i + k];
  for (int k = 0; i < count; i++, k++) lanes[k] += x[i] * w[i];
  double sum = 0;
  for (int k = 0; k < 16; k++) sum += lanes[k];
  return sum;
}

static void linear_scores(
  const float *x, long rows, long columns, const double *weights, long classes, double *scores
) {
  for (long i = 0; i < rows; i++)
    for (long c = 0; c < classes; c++) {
      const double *w = weights + c * (columns + 1);
      scores[i * classes + c] = w[columns] + dot_double(x + i * columns, w, columns);
    }
}

static void linear_gradient(
  const float *x, long rows, long columns, const double *d, long classes, double *gradient
) {
  for (long i = 0; i < rows; i++)
    for (long c = 0; c < classes; c++) {
      const double factor = d[i * classes + c];
      const float *row = x + i * columns;
      double *g = gradient + c * (columns + 1);
      for (long j = 0; j < columns; j++) g[j] += factor * row[j];
      g[columns] += factor;
    }
}

/* Softmax regression over rows: scores and gradients are kernels of the processor's instruction set, the few exponentials
 * between them are libm's. */
#include <math.h>

#include "include/kernels.h"

double tg_softmax_regression(
  const float *x, long rows, long columns, const double *weights, long classes,
  const int32_t *labels, double *scores, double *gradient
) {
  /* As many rows at a time as stay in the second-level cache until their gradient is added. */
  enum { tile = 32 };
  double loss = 0;
  for (long start = 0; start < rows; start += tile) {
    const long count = rows - start < tile ? rows - start : tile;
    const float *row = x + start * columns;
    double *tile_scores = scores + start * classes;
    tg_linear_scores(row, count, columns, weights, classes, tile_scores);
    for (long i = 0; i < count; i++) {
      double *z = tile_scores + i * classes;
      const long label = labels[start + i];
      double highest = z[0], total = 0;
      for (long c = 1; c < classes; c++) highest = z[c] > highest ? z[c] : highest;
      const double right = z[label] - highest;
      for (long c = 0; c < classes; c++) total += z[c] = exp(z[c] - highest);
      loss += log(total) - right;
      for (long c = 0; c < classes; c++) z[c] = z[c] / total - (c == label);
    }
    tg_linear_gradient(row, count, columns, tile_scores, classes, gradient);
  }
  return loss;
}

void tg_column_moments(
  const float *x, long rows, long columns, double *means, double *deviations
) {
  for (long j = 0; j < columns; j++) means[j] = deviations[j] = 0;
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) means[j] += x[i * columns + j];
  for (long j = 0; j < columns; j++) means[j] /= rows;
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      const double difference = x[i * columns + j] - means[j];
      deviations[j] += difference * difference;
    }
  for (long j = 0; j < columns; j++) deviations[j] = sqrt(deviations[j] / rows);
}

void tg_standardize(
  float *x, long rows, long columns, const double *means, const double *deviations
) {
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++)
      x[i * columns + j] = (float)((x[i * columns + j] - means[j]) / deviations[j]);
}

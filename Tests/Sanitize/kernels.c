/* Calls every kernel of CKernels, in every clone that this processor has, on matrices of odd sizes with
 * ordinary and huge numbers, for scripts/sanitize.sh, which compiles it with the Undefined Behaviour and the
 * Address Sanitizer. Whether results are right is KernelTests' business. */
#include "kernels.h"
#include "prefix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Memory of exactly so many floats, freed by `free_all`, so that a kernel that goes beyond is caught. */
static void *allocated[64];
static int allocations = 0;

static void *keep(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (!memory) exit(2);
  return allocated[allocations++] = memory;
}

static float *floats(long count, float size) {
  float *x = keep((size_t)count * sizeof *x);
  for (long i = 0; i < count; i++) x[i] = size * ((float)(i * 2654435761u % 2001) / 1000 - 1);
  return x;
}

static void free_all(void) {
  while (allocations > 0) free(allocated[--allocations]);
}

static void call_all(long rows, long columns, float size) {
  const long count = rows * columns;
  float *x = floats(count, size), *y = floats(count, size), *out = floats(count, size);
  float *bias = floats(columns, size), *gamma = floats(columns, 1), *beta = floats(columns, 1);
  float *normalized = floats(count, size), *inverse = floats(rows, size), *sums = floats(columns, 1);
  uint32_t *examples = keep((size_t)rows * 4), *positions = keep((size_t)rows * 4);
  int32_t *words = keep((size_t)rows * 4);
  uint32_t *places = keep((size_t)rows * 4);
  for (long i = 0; i < rows; i++) {
    examples[i] = 0xfffffff0u + (uint32_t)i;
    positions[i] = (uint32_t)(65535 - i % 7);
    words[i] = (int32_t)(i % 3 % rows);
    places[i] = (uint32_t)(i % rows);
  }
  const tg_dropout dropout = {{0xffffffffu, 0x80000000u}, 0xffffff04u, 0x19999999u, 1.1111f};

  tg_add_bias(x, rows, columns, bias);
  tg_add(x, y, count);
  tg_scale(x, count, 0.5f);
  (void)tg_sum_of_squares(x, count);
  tg_column_sums(x, rows, columns, columns, sums);
  tg_bias_gelu(x, out, rows, columns, bias);
  tg_gelu(x, out, count);
  tg_gelu_backward(out, x, out, count);

  tg_dropout_rows(x, out, rows, columns, &dropout, examples, positions);
  uint32_t *draws = keep((size_t)(columns + 31) / 32 * 32 * 4);
  tg_dropout_draws(&dropout, examples[0], 65535, 65535, columns, draws);

  tg_residual_layer_norm(
    x, bias, y, &dropout, examples, positions, gamma, beta, 1e-12f, rows, columns, out, normalized,
    inverse);
  tg_residual_layer_norm(x, 0, 0, 0, 0, 0, gamma, beta, 1e-12f, rows, columns, out, 0, 0);
  tg_layer_norm_backward(out, normalized, inverse, gamma, rows, columns, out, sums, beta);
  tg_tanh(x, count);
  tg_tanh_backward(y, x, count);
  tg_exp(x, out, count);

  const long heads = 3, stride = (columns + 15) / 16 * 16;
  float *scores = floats(heads * rows * stride, size), *weights = floats(heads * rows * stride, size);
  float *totals = floats(heads * rows, 1);
  tg_attention_softmax(
    scores, weights, totals, heads, rows, columns, stride, 0.3f, &dropout, examples[0]);
  tg_attention_weights(scores, weights, heads * rows * stride, 1.1f);
  tg_attention_softmax_backward(scores, weights, heads * rows, columns, stride, 0.3f, 1.1f);
  tg_attention_softmax(scores, 0, 0, heads, rows, columns, stride, 0.3f, 0, 1);
  float *context = floats(rows * heads * columns, size), *wide = floats(heads * columns, 1);
  float *dwide = floats(heads * columns, 1), *dtotals = floats(heads * rows, 1);
  tg_add_weighted_bias(context, totals, wide, rows, heads, columns);
  tg_weighted_bias_backward(context, totals, wide, rows, heads, columns, dwide, dtotals);
  tg_weighted_bias_backward(context, totals, wide, rows, heads, columns, 0, dtotals);
  tg_add_to_rows(x, inverse, rows, columns, columns);

  float *first = floats(columns, 1), *second = floats(columns, 1);
  for (long i = 0; i < columns; i++) second[i] = fabsf(second[i]);
  tg_adamw(
    bias, gamma, first, second, columns, 0.999f, 0.1f, 0.001f, 0.99f, 1e-3f, 0.03f, 1e-8f);
  tg_embed(x, words, y, places, gamma, rows, columns, out);
  tg_embed_backward(out, words, places, rows, columns, x, y);

  uint16_t *halves = keep((size_t)count * 2);
  tg_to_half(x, halves, count);
  tg_from_half(halves, out, count);
  for (long start = 0; start < 9 && start < 4 * count; start++)
    (void)tg_checksum((const char *)x + start, 4 * count - start);
  free_all();
}

int main(void) {
  const char *const clones[] = {"baseline", "x86-64-v3", "x86-64-v4"};
  const long sizes[] = {1, 2, 7, 15, 16, 17, 31, 33, 64, 100, 333, 768};
  const long count = sizeof sizes / sizeof *sizes;
  for (int clone = 0; clone < 3; clone++) {
    if (!tg_use_clone(clones[clone])) {
      printf("%s: not on this processor\n", clones[clone]);
      continue;
    }
    for (long i = 0; i < count; i++)
      for (long j = 0; j < count; j++) {
        const long rows = sizes[i] > 100 ? 5 : sizes[i];
        call_all(rows, sizes[j], 3);
        call_all(rows, sizes[j], 1e30f);
      }
    printf("%s: every kernel called\n", clones[clone]);
  }
}

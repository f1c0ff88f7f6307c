/* Which of the compiled kernels are used, and the way to them. */
#include <string.h>

#include "clone.h"

static const tg_clone *chosen = &tg_clone_baseline;
/* A test's choice, for its thread alone. */
static _Thread_local const tg_clone *override;

static const tg_clone *named(const char *name) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "x86-64-v4") == 0 && __builtin_cpu_supports("x86-64-v4")) return &tg_clone_v4;
  if (strcmp(name, "x86-64-v3") == 0 && __builtin_cpu_supports("x86-64-v3")) return &tg_clone_v3;
#endif
  return strcmp(name, "baseline") == 0 ? &tg_clone_baseline : NULL;
}

/* Runs before main, so that no thread ever sees the choice change. */
__attribute__((constructor)) static void choose(void) {
  const tg_clone *best = named("x86-64-v4");
  if (!best) best = named("x86-64-v3");
  if (best) chosen = best;
}

static inline const tg_clone *clone(void) { return override ? override : chosen; }

const char *tg_clone_name(void) { return clone()->name; }

int tg_processor_level(void) {
  return chosen == &tg_clone_v4 ? 4 : chosen == &tg_clone_v3 ? 3 : 1;
}

bool tg_use_clone(const char *name) {
  override = name ? named(name) : NULL;
  return !name || override;
}

void tg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
    const uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
    c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
    c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
    c[1] = (uint32_t)p1;
    c[3] = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  memcpy(out, c, sizeof c);
}

void tg_add_bias(
  float *x, long rows, long columns, const float *bias
) {
  clone()->add_bias(x, rows, columns, bias);
}

void tg_add(
  float *y, const float *x, long count
) {
  clone()->add(y, x, count);
}

void tg_scale(
  float *x, long count, float factor
) {
  clone()->scale(x, count, factor);
}

double tg_sum_of_squares(
  const float *x, long count
) {
  return clone()->sum_of_squares(x, count);
}

void tg_column_sums(
  const float *x, long rows, long columns, long stride, float *sums
) {
  clone()->column_sums(x, rows, columns, stride, sums);
}

void tg_tanh(
  float *x, long count
) {
  clone()->tanh(x, count);
}

void tg_tanh_backward(
  float *d, const float *y, long count
) {
  clone()->tanh_backward(d, y, count);
}

void tg_relu(
  float *x, long count
) {
  clone()->relu(x, count);
}

void tg_relu_backward(
  float *d, const float *y, long count
) {
  clone()->relu_backward(d, y, count);
}

void tg_exp(
  const float *x, float *y, long count
) {
  clone()->exp(x, y, count);
}

void tg_bias_gelu(
  float *pre, float *out, long rows, long columns, const float *bias
) {
  clone()->bias_gelu(pre, out, rows, columns, bias);
}

void tg_gelu(
  const float *pre, float *out, long count
) {
  clone()->gelu(pre, out, count);
}

void tg_gelu_backward(
  const float *d, const float *pre, float *out, long count
) {
  clone()->gelu_backward(d, pre, out, count);
}

void tg_dropout_draws(
  const tg_dropout *dropout, uint32_t example, uint32_t position, uint32_t head, long count,
  uint32_t *draws
) {
  clone()->dropout_draws(dropout, example, position, head, count, draws);
}

void tg_dropout_rows(
  const float *x, float *out, long rows, long columns, const tg_dropout *dropout, const uint32_t
  *examples, const uint32_t *positions
) {
  clone()->dropout_rows(x, out, rows, columns, dropout, examples, positions);
}

void tg_residual_layer_norm(
  const float *x, const float *bias, const float *residual, const tg_dropout *dropout, const
  uint32_t *examples, const uint32_t *positions, const float *gamma, const float *beta, float
  epsilon, long rows, long columns, float *y, float *normalized, float *inverse_deviation
) {
  clone()->residual_layer_norm(x, bias, residual, dropout, examples, positions, gamma, beta,
    epsilon, rows, columns, y, normalized, inverse_deviation);
}

void tg_layer_norm_backward(
  const float *dy, const float *normalized, const float *inverse_deviation, const float *gamma,
  long rows, long columns, float *dz, float *dgamma, float *dbeta
) {
  clone()->layer_norm_backward(dy, normalized, inverse_deviation, gamma, rows, columns, dz, dgamma,
    dbeta);
}

void tg_attention_softmax(
  float *scores, float *weights, float *sums, long heads, long queries, long keys, long stride,
  float scale, const tg_dropout *dropout, uint32_t example
) {
  clone()->attention_softmax(scores, weights, sums, heads, queries, keys, stride, scale, dropout,
    example);
}

void tg_attention_weights(
  const float *signed_p, float *weights, long count, float dropout_scale
) {
  clone()->attention_weights(signed_p, weights, count, dropout_scale);
}

void tg_attention_softmax_backward(
  const float *signed_p, float *d, long rows, long keys, long stride, float scale, float
  dropout_scale
) {
  clone()->attention_softmax_backward(signed_p, d, rows, keys, stride, scale, dropout_scale);
}

void tg_add_weighted_bias(
  float *context, const float *sums, const float *bias, long examples, long heads, long width
) {
  clone()->add_weighted_bias(context, sums, bias, examples, heads, width);
}

void tg_weighted_bias_backward(
  const float *d, const float *sums, const float *bias, long examples, long heads, long width,
  float *dbias, float *dsums
) {
  clone()->weighted_bias_backward(d, sums, bias, examples, heads, width, dbias, dsums);
}

void tg_add_to_rows(
  float *x, const float *values, long rows, long columns, long stride
) {
  clone()->add_to_rows(x, values, rows, columns, stride);
}

void tg_embed(
  const float *words, const int32_t *word_rows, const float *positions_table, const uint32_t
  *positions, const float *type, long rows, long columns, float *out
) {
  clone()->embed(words, word_rows, positions_table, positions, type, rows, columns, out);
}

void tg_embed_backward(
  const float *d, const int32_t *word_rows, const uint32_t *positions, long rows, long columns,
  float *dwords, float *dpositions
) {
  clone()->embed_backward(d, word_rows, positions, rows, columns, dwords, dpositions);
}

void tg_adamw(
  float *p, const float *g, float *m, float *v, long count, float beta2, float one_minus_beta1,
  float one_minus_beta2, float keep, float step_size, float sqrt_correction2, float epsilon
) {
  clone()->adamw(p, g, m, v, count, beta2, one_minus_beta1, one_minus_beta2, keep, step_size,
    sqrt_correction2, epsilon);
}

void tg_to_half(
  const float *x, uint16_t *halves, long count
) {
  clone()->to_half(x, halves, count);
}

void tg_from_half(
  const uint16_t *halves, float *x, long count
) {
  clone()->from_half(halves, x, count);
}

void tg_linear_scores(
  const float *x, long rows, long columns, const double *weights, long classes, double *scores
) {
  clone()->linear_scores(x, rows, columns, weights, classes, scores);
}

void tg_linear_gradient(
  const float *x, long rows, long columns, const double *d, long classes, double *gradient
) {
  clone()->linear_gradient(x, rows, columns, d, classes, gradient);
}

double tg_multiply_adds(
  long rounds, float *sink
) {
  return clone()->multiply_adds(rounds, sink);
}

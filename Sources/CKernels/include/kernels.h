#ifndef TRANSFERGAP_KERNELS_H
#define TRANSFERGAP_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

/* Element-wise work of the network. Matrices are row-major; `rows` and `columns` count elements.
 *
 * Every kernel is compiled for several instruction sets and chosen when the program starts. Sums run
 * over sixteen explicit lanes in a fixed order, so a result depends neither on the optimiser nor on
 * threads; it may differ between processors with and without fused multiply-add. */

/* The instruction set chosen on this processor: "x86-64-v4", "x86-64-v3" or "baseline". */
const char *tg_clone_name(void);
/* The level of x86-64 that the processor has kernels for here: 4, 3 or 1; 1 on other architectures, too. */
int tg_processor_level(void);
/* Uses another one on the calling thread, or with NULL the chosen one again; false, and no change from the
 * chosen one, if this processor or build has none of that name. For tests. */
bool tg_use_clone(const char *name);

/* -- Element-wise (elementwise.c) -- */

/* x[i, j] += bias[j]. */
void tg_add_bias(float *x, long rows, long columns, const float *bias);
/* y += x. */
void tg_add(float *y, const float *x, long count);
/* x *= factor. */
void tg_scale(float *x, long count, float factor);
/* The sum of squares, in double, in a fixed order. */
double tg_sum_of_squares(const float *x, long count);
/* sums[j] = sum over i of x[i, j]; a row of x starts `stride` elements after the one before. */
void tg_column_sums(const float *x, long rows, long columns, long stride, float *sums);
/* x = tanh(x), at most 1.5 ulp off (measured). */
void tg_tanh(float *x, long count);
/* d *= 1 - y * y, where y = tanh(x). */
void tg_tanh_backward(float *d, const float *y, long count);
/* x = max(x, 0); a NaN stays. */
void tg_relu(float *x, long count);
/* d = 0 where y <= 0, where y = relu(x). */
void tg_relu_backward(float *d, const float *y, long count);
/* y = exp(x) for x <= 88; 0 below -87.33. */
void tg_exp(const float *x, float *y, long count);

/* -- GELU (gelu.c) -- */

/* pre += bias, then out = pre * Phi(pre), Phi being the normal distribution function; out may be pre. */
void tg_bias_gelu(float *pre, float *out, long rows, long columns, const float *bias);
/* out = pre * Phi(pre); the same bits as tg_bias_gelu gives. */
void tg_gelu(const float *pre, float *out, long count);
/* out = d * d/dpre (pre * Phi(pre)); out may be d or pre. */
void tg_gelu_backward(const float *d, const float *pre, float *out, long count);

/* -- Dropout (dropout.c) -- */

/* Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011). */
void tg_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* What a row's draws depend on, apart from the row. An element is dropped if its draw < threshold. */
typedef struct {
  uint32_t key[2];
  uint32_t stream;    /* the fourth word of the counter: layer and site */
  uint32_t threshold; /* probability times 2^32 */
  float scale;        /* 1 / (1 - probability) */
} tg_dropout;

/* The draws of `count` elements of one row. Element e is word (e / 8) % 4 of the Philox block with
 * the counter {8 (e / 32) + e % 8, position + 65536 head, example, stream}: eight blocks side by
 * side, which need no shuffling. `draws` has room for the next multiple of 32. */
void tg_dropout_draws(
  const tg_dropout *dropout, uint32_t example, uint32_t position, uint32_t head, long count,
  uint32_t *draws);
/* out = x with dropped elements 0 and the others times scale; row i is that of examples[i] and
 * positions[i]. out may be x. */
void tg_dropout_rows(
  const float *x, float *out, long rows, long columns, const tg_dropout *dropout,
  const uint32_t *examples, const uint32_t *positions);

/* -- Layer normalisation (layer_norm.c) -- */

/* z = residual + dropout(x + bias); y = (z - mean) / sqrt(variance + epsilon) * gamma + beta.
 * bias, residual, dropout, normalized and inverse_deviation may be null. `normalized` receives
 * (z - mean) / deviation and `inverse_deviation` one number a row, for the backward pass. */
void tg_residual_layer_norm(
  const float *x, const float *bias, const float *residual, const tg_dropout *dropout,
  const uint32_t *examples, const uint32_t *positions, const float *gamma, const float *beta,
  float epsilon, long rows, long columns, float *y, float *normalized, float *inverse_deviation);
/* dz from dy (may be the same); dgamma and dbeta, if not null, are overwritten. */
void tg_layer_norm_backward(
  const float *dy, const float *normalized, const float *inverse_deviation, const float *gamma,
  long rows, long columns, float *dz, float *dgamma, float *dbeta);

/* -- Attention (softmax.c) -- */

/* The softmax of attention scores, example by example.
 *
 * scores: `heads` matrices of `queries` rows with `keys` elements, a row `stride` (a multiple of 16,
 * at least keys) after the one before; the elements from keys to stride are scratch. Row (h, i) is
 * replaced by p = softmax(scale * row). With dropout, dropped probabilities are stored with their
 * sign bit set, and `weights` (same layout) receives those that remain, times dropout->scale; without,
 * weights is not touched and may be null. sums, if not null, receives the sum of each row's weights. */
void tg_attention_softmax(
  float *scores, float *weights, float *sums, long heads, long queries, long keys, long stride,
  float scale, const tg_dropout *dropout, uint32_t example);
/* The weights again, from probabilities whose sign bit marks what was dropped. */
void tg_attention_weights(const float *signed_p, float *weights, long count, float dropout_scale);
/* In: d = d loss / d weights. Out: d = d loss / d scores, where scores are before `scale`. */
void tg_attention_softmax_backward(
  const float *signed_p, float *d, long rows, long keys, long stride, float scale,
  float dropout_scale);
/* context[e, h, :] += sums[e, h] * bias[h, :]. */
void tg_add_weighted_bias(
  float *context, const float *sums, const float *bias, long examples, long heads, long width);
/* dbias[h, :] = sum over e of sums[e, h] * d[e, h, :]; dsums[e, h] = d[e, h, :] . bias[h, :].
 * dbias may be null. */
void tg_weighted_bias_backward(
  const float *d, const float *sums, const float *bias, long examples, long heads, long width,
  float *dbias, float *dsums);
/* row i of x += values[i]; a row starts `stride` after the one before. */
void tg_add_to_rows(float *x, const float *values, long rows, long columns, long stride);

/* -- Embeddings (embedding.c) -- */

/* out[t, :] = words[word_rows[t], :] + positions_table[positions[t], :] + type[:]; type may be null. */
void tg_embed(
  const float *words, const int32_t *word_rows, const float *positions_table,
  const uint32_t *positions, const float *type, long rows, long columns, float *out);
/* dwords[word_rows[t], :] += d[t, :], dpositions[positions[t], :] += d[t, :], in the order of t. */
void tg_embed_backward(
  const float *d, const int32_t *word_rows, const uint32_t *positions, long rows, long columns,
  float *dwords, float *dpositions);

/* -- Optimiser (adamw.c) -- */

/* One step of AdamW (Loshchilov, Hutter 2019) as torch.optim.AdamW writes it:
 * p *= 1 - rate * decay; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * p -= rate / correction1 * m / (sqrt(v) / sqrt(correction2) + epsilon). */
void tg_adamw(
  float *p, const float *g, float *m, float *v, long count, float beta2,
  float one_minus_beta1, float one_minus_beta2, float keep, float step_size,
  float sqrt_correction2, float epsilon);

/* -- Softmax regression (logistic.h, logistic.c) -- */

/* scores[i, c] = x[i, :] . weights[c, :columns] + weights[c, columns]; each class has columns + 1 weights, the last being
 * its intercept. */
void tg_linear_scores(
  const float *x, long rows, long columns, const double *weights, long classes, double *scores);
/* gradient[c, :] += sum over i of d[i, c] (x[i, :], 1), in the order of i. */
void tg_linear_gradient(
  const float *x, long rows, long columns, const double *d, long classes, double *gradient);
/* Returns the sum of the rows' cross-entropies in nats, and adds its gradient to `gradient`, which has the shape of
 * `weights`. `scores` has room for rows * classes numbers and means nothing afterwards. */
double tg_softmax_regression(
  const float *x, long rows, long columns, const double *weights, long classes,
  const int32_t *labels, double *scores, double *gradient);

/* Mean and standard deviation of every column, with rows in the denominator. */
void tg_column_moments(
  const float *x, long rows, long columns, double *means, double *deviations);
/* x[:, j] = (x[:, j] - means[j]) / deviations[j]. */
void tg_standardize(
  float *x, long rows, long columns, const double *means, const double *deviations);

/* -- The processor's peak (peak.h) -- */

/* Does `rounds` rounds of multiply-adds in registers, fused where the instruction set has it, and returns how many
 * floating-point operations they were, a multiply-add counting two. `sink` receives a number that means
 * nothing. */
double tg_multiply_adds(long rounds, float *sink);

#endif

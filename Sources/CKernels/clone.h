#ifndef TRANSFERGAP_CLONE_H
#define TRANSFERGAP_CLONE_H

#include "include/kernels.h"
#include "include/prefix.h"

/* The kernels compiled for one instruction set. */
typedef struct {
  const char *name;
  __typeof__(tg_add_bias) *add_bias;
  __typeof__(tg_add) *add;
  __typeof__(tg_scale) *scale;
  __typeof__(tg_sum_of_squares) *sum_of_squares;
  __typeof__(tg_column_sums) *column_sums;
  __typeof__(tg_tanh) *tanh;
  __typeof__(tg_tanh_backward) *tanh_backward;
  __typeof__(tg_exp) *exp;
  __typeof__(tg_bias_gelu) *bias_gelu;
  __typeof__(tg_gelu) *gelu;
  __typeof__(tg_gelu_backward) *gelu_backward;
  __typeof__(tg_dropout_draws) *dropout_draws;
  __typeof__(tg_dropout_rows) *dropout_rows;
  __typeof__(tg_residual_layer_norm) *residual_layer_norm;
  __typeof__(tg_layer_norm_backward) *layer_norm_backward;
  __typeof__(tg_attention_softmax) *attention_softmax;
  __typeof__(tg_attention_weights) *attention_weights;
  __typeof__(tg_attention_softmax_backward) *attention_softmax_backward;
  __typeof__(tg_add_weighted_bias) *add_weighted_bias;
  __typeof__(tg_weighted_bias_backward) *weighted_bias_backward;
  __typeof__(tg_add_to_rows) *add_to_rows;
  __typeof__(tg_embed) *embed;
  __typeof__(tg_embed_backward) *embed_backward;
  __typeof__(tg_adamw) *adamw;
  __typeof__(tg_to_half) *to_half;
  __typeof__(tg_from_half) *from_half;
  __typeof__(tg_linear_scores) *linear_scores;
  __typeof__(tg_linear_gradient) *linear_gradient;
  __typeof__(tg_multiply_adds) *multiply_adds;
} tg_clone;

#define TG_CLONE(name) { \
  name, \
  add_bias, add, scale, sum_of_squares, column_sums, tanh, tanh_backward, exp, bias_gelu, gelu, \
  gelu_backward, dropout_draws, dropout_rows, residual_layer_norm, layer_norm_backward, \
  attention_softmax, attention_weights, attention_softmax_backward, add_weighted_bias, \
  weighted_bias_backward, add_to_rows, embed, embed_backward, adamw, to_half, \
  from_half, linear_scores, linear_gradient, multiply_adds \
}

extern const tg_clone tg_clone_v4, tg_clone_v3, tg_clone_baseline;

#endif

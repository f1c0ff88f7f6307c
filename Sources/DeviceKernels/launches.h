/* Written by scripts/kernel_table.py from the kernels' parameters. */

static void launch_tgk_attend_scores(void **values) {
  tgk_attend_scores(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(ulong **)values[8],
    *(ulong *)values[9],
    *(uint *)values[10],
    *(uint *)values[11],
    *(uint *)values[12],
    *(uint *)values[13],
    *(uint *)values[14]);
}

static void launch_tgk_attend_queries(void **values) {
  tgk_attend_queries(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(ulong **)values[8],
    *(ulong *)values[9],
    *(uint *)values[10],
    *(uint *)values[11],
    *(uint *)values[12],
    *(uint *)values[13],
    *(uint *)values[14],
    *(float *)values[15]);
}

static void launch_tgk_attend_keys(void **values) {
  tgk_attend_keys(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(ulong **)values[8],
    *(ulong *)values[9],
    *(uint *)values[10],
    *(uint *)values[11],
    *(uint *)values[12],
    *(uint *)values[13],
    *(uint *)values[14],
    *(uint *)values[15],
    *(float *)values[16]);
}

static void launch_tgk_attention_softmax(void **values) {
  tgk_attention_softmax(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint **)values[2],
    *(ulong *)values[3],
    *(ulong **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(float **)values[8],
    *(ulong *)values[9],
    *(uint *)values[10],
    *(uint *)values[11],
    *(float *)values[12],
    *(uint *)values[13],
    *(uint *)values[14],
    *(uint *)values[15],
    *(uint *)values[16],
    *(float *)values[17]);
}

static void launch_tgk_attention_softmax_backward(void **values) {
  tgk_attention_softmax_backward(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(ulong **)values[8],
    *(ulong *)values[9],
    *(uint *)values[10],
    *(uint *)values[11],
    *(float *)values[12],
    *(float *)values[13]);
}

static void launch_tgk_add_weighted_bias(void **values) {
  tgk_add_weighted_bias(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6],
    *(uint *)values[7],
    *(uint *)values[8]);
}

static void launch_tgk_weighted_bias_gradient(void **values) {
  tgk_weighted_bias_gradient(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6],
    *(uint *)values[7],
    *(uint *)values[8]);
}

static void launch_tgk_weighted_bias_sums(void **values) {
  tgk_weighted_bias_sums(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6],
    *(uint *)values[7],
    *(uint *)values[8]);
}

static void launch_tgk_dropout_rows(void **values) {
  tgk_dropout_rows(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(uint *)values[8],
    *(uint *)values[9],
    *(uint *)values[10],
    *(uint *)values[11],
    *(uint *)values[12],
    *(uint *)values[13],
    *(float *)values[14]);
}

static void launch_tgk_fill(void **values) {
  tgk_fill(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint *)values[2],
    *(float *)values[3]);
}

static void launch_tgk_copy(void **values) {
  tgk_copy(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4]);
}

static void launch_tgk_scale(void **values) {
  tgk_scale(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint *)values[2],
    *(float *)values[3]);
}

static void launch_tgk_add(void **values) {
  tgk_add(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4]);
}

static void launch_tgk_add_bias(void **values) {
  tgk_add_bias(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4],
    *(uint *)values[5]);
}

static void launch_tgk_tanh(void **values) {
  tgk_tanh(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint *)values[2]);
}

static void launch_tgk_tanh_backward(void **values) {
  tgk_tanh_backward(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4]);
}

static void launch_tgk_relu(void **values) {
  tgk_relu(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint *)values[2]);
}

static void launch_tgk_relu_backward(void **values) {
  tgk_relu_backward(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4]);
}

static void launch_tgk_bias_gelu(void **values) {
  tgk_bias_gelu(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6],
    *(uint *)values[7]);
}

static void launch_tgk_gelu(void **values) {
  tgk_gelu(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4]);
}

static void launch_tgk_gelu_backward(void **values) {
  tgk_gelu_backward(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6]);
}

static void launch_tgk_residual_layer_norm(void **values) {
  tgk_residual_layer_norm(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(float **)values[6],
    *(ulong *)values[7],
    *(float **)values[8],
    *(ulong *)values[9],
    *(float **)values[10],
    *(ulong *)values[11],
    *(float **)values[12],
    *(ulong *)values[13],
    *(float **)values[14],
    *(ulong *)values[15],
    *(uint **)values[16],
    *(ulong *)values[17],
    *(uint **)values[18],
    *(ulong *)values[19],
    *(uint *)values[20],
    *(uint *)values[21],
    *(uint *)values[22],
    *(float *)values[23],
    *(uint *)values[24],
    *(uint *)values[25],
    *(uint *)values[26],
    *(uint *)values[27],
    *(float *)values[28]);
}

static void launch_tgk_layer_norm_backward(void **values) {
  tgk_layer_norm_backward(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(float **)values[6],
    *(ulong *)values[7],
    *(float **)values[8],
    *(ulong *)values[9],
    *(uint *)values[10],
    *(uint *)values[11]);
}

static void launch_tgk_embed(void **values) {
  tgk_embed(
    *(float **)values[0],
    *(ulong *)values[1],
    *(int **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(float **)values[8],
    *(ulong *)values[9],
    *(float **)values[10],
    *(ulong *)values[11],
    *(uint *)values[12],
    *(uint *)values[13],
    *(uint *)values[14]);
}

static void launch_tgk_gather_rows(void **values) {
  tgk_gather_rows(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6],
    *(uint *)values[7]);
}

static void launch_tgk_add_to_rows(void **values) {
  tgk_add_to_rows(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6],
    *(uint *)values[7]);
}

static void launch_tgk_column_sums(void **values) {
  tgk_column_sums(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4],
    *(uint *)values[5],
    *(uint *)values[6]);
}

static void launch_tgk_layer_norm_sums(void **values) {
  tgk_layer_norm_sums(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(float **)values[6],
    *(ulong *)values[7],
    *(uint *)values[8],
    *(uint *)values[9]);
}

static void launch_tgk_add_runs(void **values) {
  tgk_add_runs(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4],
    *(uint *)values[5]);
}

static void launch_tgk_pool(void **values) {
  tgk_pool(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(uint *)values[6]);
}

static void launch_tgk_add_listed_rows(void **values) {
  tgk_add_listed_rows(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint **)values[2],
    *(ulong *)values[3],
    *(uint **)values[4],
    *(ulong *)values[5],
    *(uint **)values[6],
    *(ulong *)values[7],
    *(float **)values[8],
    *(ulong *)values[9],
    *(uint *)values[10]);
}

static void launch_tgk_sum_of_squares(void **values) {
  tgk_sum_of_squares(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4],
    *(float *)values[5]);
}

static void launch_tgk_largest(void **values) {
  tgk_largest(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(uint *)values[4]);
}

static void launch_tgk_cross_entropy(void **values) {
  tgk_cross_entropy(
    *(float **)values[0],
    *(ulong *)values[1],
    *(uint **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(float **)values[6],
    *(ulong *)values[7],
    *(uint *)values[8],
    *(uint *)values[9],
    *(float *)values[10]);
}

static void launch_tgk_adamw(void **values) {
  tgk_adamw(
    *(float **)values[0],
    *(ulong *)values[1],
    *(float **)values[2],
    *(ulong *)values[3],
    *(float **)values[4],
    *(ulong *)values[5],
    *(float **)values[6],
    *(ulong *)values[7],
    *(uint *)values[8],
    *(float *)values[9],
    *(float *)values[10],
    *(float *)values[11],
    *(float *)values[12],
    *(float *)values[13],
    *(float *)values[14],
    *(float *)values[15]);
}

static const launch_entry entries[] = {
  {{"tgk_attend_scores", "bbbbbuuuuu"}, launch_tgk_attend_scores},
  {{"tgk_attend_queries", "bbbbbuuuuuf"}, launch_tgk_attend_queries},
  {{"tgk_attend_keys", "bbbbbuuuuuuf"}, launch_tgk_attend_keys},
  {{"tgk_attention_softmax", "bbbbbuufuuuuf"}, launch_tgk_attention_softmax},
  {{"tgk_attention_softmax_backward", "bbbbbuuff"}, launch_tgk_attention_softmax_backward},
  {{"tgk_add_weighted_bias", "bbbuuu"}, launch_tgk_add_weighted_bias},
  {{"tgk_weighted_bias_gradient", "bbbuuu"}, launch_tgk_weighted_bias_gradient},
  {{"tgk_weighted_bias_sums", "bbbuuu"}, launch_tgk_weighted_bias_sums},
  {{"tgk_dropout_rows", "bbbbuuuuuuf"}, launch_tgk_dropout_rows},
  {{"tgk_fill", "buf"}, launch_tgk_fill},
  {{"tgk_copy", "bbu"}, launch_tgk_copy},
  {{"tgk_scale", "buf"}, launch_tgk_scale},
  {{"tgk_add", "bbu"}, launch_tgk_add},
  {{"tgk_add_bias", "bbuu"}, launch_tgk_add_bias},
  {{"tgk_tanh", "bu"}, launch_tgk_tanh},
  {{"tgk_tanh_backward", "bbu"}, launch_tgk_tanh_backward},
  {{"tgk_relu", "bu"}, launch_tgk_relu},
  {{"tgk_relu_backward", "bbu"}, launch_tgk_relu_backward},
  {{"tgk_bias_gelu", "bbbuu"}, launch_tgk_bias_gelu},
  {{"tgk_gelu", "bbu"}, launch_tgk_gelu},
  {{"tgk_gelu_backward", "bbbu"}, launch_tgk_gelu_backward},
  {{"tgk_residual_layer_norm", "bbbbbbbbbbuuufuuuuf"}, launch_tgk_residual_layer_norm},
  {{"tgk_layer_norm_backward", "bbbbbuu"}, launch_tgk_layer_norm_backward},
  {{"tgk_embed", "bbbbbbuuu"}, launch_tgk_embed},
  {{"tgk_gather_rows", "bbbuu"}, launch_tgk_gather_rows},
  {{"tgk_add_to_rows", "bbbuu"}, launch_tgk_add_to_rows},
  {{"tgk_column_sums", "bbuuu"}, launch_tgk_column_sums},
  {{"tgk_layer_norm_sums", "bbbbuu"}, launch_tgk_layer_norm_sums},
  {{"tgk_add_runs", "bbuu"}, launch_tgk_add_runs},
  {{"tgk_pool", "bbbu"}, launch_tgk_pool},
  {{"tgk_add_listed_rows", "bbbbbu"}, launch_tgk_add_listed_rows},
  {{"tgk_sum_of_squares", "bbuf"}, launch_tgk_sum_of_squares},
  {{"tgk_largest", "bbu"}, launch_tgk_largest},
  {{"tgk_cross_entropy", "bbbbuuf"}, launch_tgk_cross_entropy},
  {{"tgk_adamw", "bbbbufffffff"}, launch_tgk_adamw},
};

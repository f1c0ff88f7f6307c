/* Layer normalisation, a group per row; see tg_residual_layer_norm in CKernels/include/kernels.h. */

/* Bits of `uses`. */
#define TGK_USES_BIAS 1u
#define TGK_USES_RESIDUAL 2u
#define TGK_USES_TAPE 4u

/* z = residual + dropout(x + bias), y = (z - mean) / sqrt(variance + epsilon) * gamma + beta; y may be x. With a tape, normalized
 * receives (z - mean) / deviation and inverse_deviation one number per row. groups: (rows, 1, 1).
 *
 * An item meets the same elements in all passes, so that what lies in y between them is its own. */
KERNEL void tgk_residual_layer_norm(
  GLOBAL const float *x, ulong x_offset, GLOBAL const float *bias, ulong bias_offset,
  GLOBAL const float *residual, ulong residual_offset, GLOBAL const float *gamma,
  ulong gamma_offset, GLOBAL const float *beta, ulong beta_offset, GLOBAL float *y, ulong y_offset,
  GLOBAL float *normalized, ulong normalized_offset, GLOBAL float *inverse_deviation,
  ulong inverse_deviation_offset, GLOBAL const uint *examples, ulong examples_offset,
  GLOBAL const uint *positions, ulong positions_offset, uint rows, uint columns, uint uses,
  float epsilon, uint key0, uint key1, uint stream, uint threshold, float factor
) {
  LOCAL_ARRAY(float, sums, TGK_GROUP);
  LOCAL_ARRAY(float, squares, TGK_GROUP);
  x += x_offset;
  bias += bias_offset;
  residual += residual_offset;
  gamma += gamma_offset;
  beta += beta_offset;
  y += y_offset;
  normalized += normalized_offset;
  inverse_deviation += inverse_deviation_offset;
  examples += examples_offset;
  positions += positions_offset;
  const uint row = GROUP_X;
  if (row >= rows) return;
  const ulong start = (ulong)row * columns;
  const uint blocks = BLOCKS_OF_ROW(columns);
  EACH_ITEM {
    float sum = 0.0f;
    for (uint b = ITEM; b < blocks; b += TGK_GROUP) {
      float factors[4];
      if (threshold != 0)
        keep_factors(
          b, positions[row], examples[row], stream, key0, key1, threshold, factor, factors);
      for (uint w = 0; w < 4; w++) {
        const uint j = FIRST_OF_BLOCK(b) + 8 * w;
        if (j < columns) {
          float z = x[start + j];
          if (uses & TGK_USES_BIAS) z += bias[j];
          if (threshold != 0) z = product(z, factors[w]);
          if (uses & TGK_USES_RESIDUAL) z += residual[start + j];
          sum += z;
          y[start + j] = z;
        }
      }
    }
    sums[ITEM] = sum;
  }
  SUM_LANES(sums)
  /* The squared distances from the mean: the sum of squares less the square of the mean would cancel. */
  EACH_ITEM {
    const float mean = sums[0] / (float)columns;
    float sum = 0.0f;
    for (uint b = ITEM; b < blocks; b += TGK_GROUP)
      for (uint w = 0; w < 4; w++) {
        const uint j = FIRST_OF_BLOCK(b) + 8 * w;
        if (j < columns) {
          const float c = y[start + j] - mean;
          sum += c * c;
          y[start + j] = c;
        }
      }
    squares[ITEM] = sum;
  }
  SUM_LANES(squares)
  EACH_ITEM {
    const float inverse = 1.0f / root(squares[0] / (float)columns + epsilon);
    if ((uses & TGK_USES_TAPE) && ITEM == 0) inverse_deviation[row] = inverse;
    for (uint b = ITEM; b < blocks; b += TGK_GROUP)
      for (uint w = 0; w < 4; w++) {
        const uint j = FIRST_OF_BLOCK(b) + 8 * w;
        if (j < columns) {
          const float h = y[start + j] * inverse;
          if (uses & TGK_USES_TAPE) normalized[start + j] = h;
          y[start + j] = h * gamma[j] + beta[j];
        }
      }
  }
}

/* With g = dy gamma and h the normalised row: dz = (g - mean(g) - h mean(g h)) / deviation (Ba, Kiros, Hinton 2016). dz may be dy;
 * then tgk_layer_norm_sums comes first. groups: (rows, 1, 1). */
KERNEL void tgk_layer_norm_backward(
  GLOBAL const float *dy, ulong dy_offset, GLOBAL const float *normalized, ulong normalized_offset,
  GLOBAL const float *inverse_deviation, ulong inverse_deviation_offset,
  GLOBAL const float *gamma, ulong gamma_offset, GLOBAL float *dz, ulong dz_offset, uint rows,
  uint columns
) {
  LOCAL_ARRAY(float, sums, TGK_GROUP);
  LOCAL_ARRAY(float, products, TGK_GROUP);
  dy += dy_offset;
  normalized += normalized_offset;
  inverse_deviation += inverse_deviation_offset;
  gamma += gamma_offset;
  dz += dz_offset;
  const uint row = GROUP_X;
  if (row >= rows) return;
  const ulong start = (ulong)row * columns;
  EACH_ITEM {
    float sum = 0.0f, slope = 0.0f;
    for (uint j = ITEM; j < columns; j += TGK_GROUP) {
      const float g = product(dy[start + j], gamma[j]);
      sum += g;
      slope += g * normalized[start + j];
    }
    sums[ITEM] = sum;
    products[ITEM] = slope;
  }
  SUM_LANES(sums)
  SUM_LANES(products)
  EACH_ITEM {
    const float mean = sums[0] / (float)columns, slope = products[0] / (float)columns;
    const float inverse = inverse_deviation[row];
    for (uint j = ITEM; j < columns; j += TGK_GROUP) {
      const float g = product(dy[start + j], gamma[j]);
      dz[start + j] = (g - mean - normalized[start + j] * slope) * inverse;
    }
  }
}

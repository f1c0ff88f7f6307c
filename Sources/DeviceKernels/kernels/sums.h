/* Sums over rows and over all elements, in fixed orders and without atomic operations, so that they are the same from run to run. */

/* The first step of column sums: partial[r, j] is the sum of x[i, j] over the r-th run of TGK_RUN rows; a row of x starts `stride`
 * elements after the one before. groups: (columns / TGK_GROUP rounded up, rows / TGK_RUN rounded up, 1). */
KERNEL void tgk_column_sums(
  GLOBAL const float *x, ulong x_offset, GLOBAL float *partial, ulong partial_offset, uint rows,
  uint columns, uint stride
) {
  x += x_offset;
  partial += partial_offset;
  const uint first = GROUP_Y * TGK_RUN, end = smaller(rows, first + TGK_RUN);
  EACH_ITEM {
    const uint j = GROUP_X * TGK_GROUP + ITEM;
    if (j < columns) {
      float sum = 0.0f;
      for (uint i = first; i < end; i++) sum += x[(ulong)i * stride + j];
      partial[(ulong)GROUP_Y * columns + j] = sum;
    }
  }
}

/* The same of dy * normalized and of dy, which become dgamma and dbeta of a layer normalisation. groups: as tgk_column_sums. */
KERNEL void tgk_layer_norm_sums(
  GLOBAL const float *dy, ulong dy_offset, GLOBAL const float *normalized, ulong normalized_offset,
  GLOBAL float *partial_gamma, ulong partial_gamma_offset, GLOBAL float *partial_beta,
  ulong partial_beta_offset, uint rows, uint columns
) {
  dy += dy_offset;
  normalized += normalized_offset;
  partial_gamma += partial_gamma_offset;
  partial_beta += partial_beta_offset;
  const uint first = GROUP_Y * TGK_RUN, end = smaller(rows, first + TGK_RUN);
  EACH_ITEM {
    const uint j = GROUP_X * TGK_GROUP + ITEM;
    if (j < columns) {
      float gamma = 0.0f, beta = 0.0f;
      for (uint i = first; i < end; i++) {
        const float d = dy[(ulong)i * columns + j];
        beta += d;
        gamma += d * normalized[(ulong)i * columns + j];
      }
      partial_gamma[(ulong)GROUP_Y * columns + j] = gamma;
      partial_beta[(ulong)GROUP_Y * columns + j] = beta;
    }
  }
}

/* The second step: sums[j] is the sum of partial[r, j] over the runs r. Flat. */
KERNEL void tgk_add_runs(
  GLOBAL const float *partial, ulong partial_offset, GLOBAL float *sums, ulong sums_offset,
  uint runs, uint columns
) {
  partial += partial_offset;
  sums += sums_offset;
  EACH_ELEMENT(j, columns) {
    float sum = 0.0f;
    for (uint r = 0; r < runs; r++) sum += partial[(ulong)r * columns + j];
    sums[j] = sum;
  }
}

/* out[e, :] is the mean of the rows of example e, then its first row, so twice as wide as x.
 * groups: (columns / TGK_GROUP rounded up, examples, 1). */
KERNEL void tgk_pool(
  GLOBAL const float *x, ulong x_offset, GLOBAL const uint *offsets, ulong offsets_offset,
  GLOBAL float *out, ulong out_offset, uint columns
) {
  x += x_offset;
  offsets += offsets_offset;
  out += out_offset;
  const uint first = offsets[GROUP_Y], end = offsets[GROUP_Y + 1];
  EACH_ITEM {
    const uint j = GROUP_X * TGK_GROUP + ITEM;
    if (j < columns) {
      float sum = 0.0f;
      for (uint start = first; start < end; start += TGK_RUN) {
        const uint stop = smaller(end, start + TGK_RUN);
        float run = 0.0f;
        for (uint i = start; i < stop; i++) run += x[(ulong)i * columns + j];
        sum += run;
      }
      GLOBAL float *to = out + (ulong)GROUP_Y * 2 * columns + j;
      to[0] = sum * (1.0f / (float)(end - first));
      to[columns] = x[(ulong)first * columns + j];
    }
  }
}

/* out[target_rows[t], :] += the rows order[starts[t]] ... order[starts[t + 1] - 1] of d, one after another: the gradient of a table
 * whose rows were taken. No target comes twice. groups: (targets, 1, 1). */
KERNEL void tgk_add_listed_rows(
  GLOBAL const float *d, ulong d_offset, GLOBAL const uint *order, ulong order_offset,
  GLOBAL const uint *starts, ulong starts_offset, GLOBAL const uint *target_rows,
  ulong target_rows_offset, GLOBAL float *out, ulong out_offset, uint columns
) {
  d += d_offset;
  order += order_offset;
  starts += starts_offset;
  target_rows += target_rows_offset;
  out += out_offset;
  const uint first = starts[GROUP_X], end = starts[GROUP_X + 1];
  GLOBAL float *to = out + (ulong)target_rows[GROUP_X] * columns;
  EACH_ITEM {
    for (uint j = ITEM; j < columns; j += TGK_GROUP) {
      float sum = to[j];
      for (uint k = first; k < end; k++) sum += d[(ulong)order[k] * columns + j];
      to[j] = sum;
    }
  }
}

/* Adds b to the number high + low, exactly but for what the low part rounds (Knuth's sum of two, with what it rounds). */
#define ADD_TO_PAIR(high, low, b) \
  { \
    const float b_ = (b), sum_ = (high) + b_, back_ = sum_ - (high); \
    low += ((high) - (sum_ - back_)) + (b_ - back_); \
    high = sum_; \
  }

/* partial[g, :] is the sum of the squares of factor * x that group g meets, as two numbers whose sum it is: a device may have no
 * double, so that squares and sums are kept with what they round. groups: (any number, 1, 1); the host adds up in double. The number
 * of groups is part of the order of the sum. */
KERNEL void tgk_sum_of_squares(
  GLOBAL const float *x, ulong x_offset, GLOBAL float *partial, ulong partial_offset, uint count,
  float factor
) {
  LOCAL_ARRAY(float, highs, TGK_GROUP);
  LOCAL_ARRAY(float, lows, TGK_GROUP);
  x += x_offset;
  partial += partial_offset;
  EACH_ITEM {
    highs[ITEM] = 0.0f;
    lows[ITEM] = 0.0f;
  }
  SYNC;
  EACH_ELEMENT(i, count) {
    const float v = product(factor, x[i]);
    const float square = product(v, v);
    float high = highs[ITEM], low = lows[ITEM] + fused(v, v, -square);
    ADD_TO_PAIR(high, low, square)
    highs[ITEM] = high;
    lows[ITEM] = low;
  }
  SYNC;
  for (uint half_ = TGK_GROUP / 2; half_ > 0; half_ /= 2) {
    EACH_ITEM {
      if (ITEM < half_) {
        float high = highs[ITEM], low = lows[ITEM] + lows[ITEM + half_];
        ADD_TO_PAIR(high, low, highs[ITEM + half_])
        highs[ITEM] = high;
        lows[ITEM] = low;
      }
    }
    SYNC;
  }
  EACH_ITEM {
    if (ITEM == 0) {
      partial[2 * (ulong)GROUP_X] = highs[0];
      partial[2 * (ulong)GROUP_X + 1] = lows[0];
    }
  }
}

/* partial[g] is the largest magnitude of the elements that group g meets, 0 if it meets none, NaN if one of them is.
 * groups: (any number, 1, 1). */
KERNEL void tgk_largest(
  GLOBAL const float *x, ulong x_offset, GLOBAL float *partial, ulong partial_offset, uint count
) {
  LOCAL_ARRAY(float, lanes, TGK_GROUP);
  x += x_offset;
  partial += partial_offset;
  EACH_ITEM { lanes[ITEM] = 0.0f; }
  SYNC;
  EACH_ELEMENT(i, count) { lanes[ITEM] = larger(lanes[ITEM], magnitude(x[i])); }
  LARGEST_LANE(lanes)
  EACH_ITEM {
    if (ITEM == 0) partial[GROUP_X] = lanes[0];
  }
}

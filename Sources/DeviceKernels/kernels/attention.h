/* Attention on packed sequences. Scores, probabilities and their gradients lie example by example, example e from starts[e] on, as
 * matrices of `queries` rows; a row has the example's length rounded up to 16, of which what lies behind the length means nothing.
 * With queries = 0 there are as many as the example has tokens. Launches: kernels.md. */

/* What all of these kernels begin with: the group's example and head, and its matrix. */
#define THIS_MATRIX(scores) \
  const uint example = GROUP_Z, head = GROUP_Y, token = offsets[example]; \
  const uint length = offsets[example + 1] - token; \
  const uint row_stride = (length + 15) / 16 * 16; \
  const uint query_count = queries != 0 ? queries : length; \
  scores += starts[example] + (ulong)head * query_count * row_stride

/* The example's first row in a matrix that has the query rows of all examples. */
#define FIRST_QUERY (queries != 0 ? (ulong)example * queries : (ulong)token)

/* An item's part of a tile: rows ITEM / 8 + TGK_LINES p and columns ITEM % 8 + 8 q. */
#define TGK_LINES (TGK_GROUP / 8)
#define TGK_ROWS_EACH (TGK_TILE / TGK_LINES)
#define TGK_COLUMNS_EACH (TGK_TILE / 8)
#define TGK_CELLS_EACH (TGK_ROWS_EACH * TGK_COLUMNS_EACH)
/* From one row of a tile in LOCAL memory to the next: one more than it has columns, so that the items that read a column do not
 * wait for the same bank. */
#define TGK_PITCH (TGK_TILE + 1)

/* sum[r, c] += left[k, r] right[k, c] over the first `depth` k. */
DEVICE void multiply_tiles(
  LOCAL const float *left, LOCAL const float *right, uint depth, uint item, float *sum
) {
  for (uint k = 0; k < depth; k++) {
    float l[TGK_ROWS_EACH];
    for (uint p = 0; p < TGK_ROWS_EACH; p++)
      l[p] = left[k * TGK_PITCH + item / 8 + TGK_LINES * p];
    for (uint q = 0; q < TGK_COLUMNS_EACH; q++) {
      const float r = right[k * TGK_PITCH + item % 8 + 8 * q];
      for (uint p = 0; p < TGK_ROWS_EACH; p++)
        sum[p * TGK_COLUMNS_EACH + q] = multiply_add(l[p], r, sum[p * TGK_COLUMNS_EACH + q]);
    }
  }
}

DEVICE void clear_cells(float *sum) {
  for (uint cell = 0; cell < TGK_CELLS_EACH; cell++) sum[cell] = 0.0f;
}

/* The weight of a probability whose sign bit marks what dropout took; with is_signed 0, the number as it is. */
DEVICE float weight_of(float p, uint is_signed, float factor) {
  if (!is_signed) return p;
  return is_negative(p) ? 0.0f : p * factor;
}

/* scores[i, t] = sum over k of left[i, k] right[t, k], where left has the query rows and right a row per token; of head h the columns
 * from h * width on. groups: (tiles of queries * tiles of `longest`, heads, examples). */
KERNEL void tgk_attend_scores(
  GLOBAL const float *left, ulong left_offset, GLOBAL const float *right, ulong right_offset,
  GLOBAL float *scores, ulong scores_offset, GLOBAL const uint *offsets, ulong offsets_offset,
  GLOBAL const ulong *starts, ulong starts_offset, uint left_stride, uint right_stride,
  uint queries, uint width, uint longest
) {
  LOCAL_ARRAY(float, lefts, TGK_TILE * TGK_PITCH);
  LOCAL_ARRAY(float, rights, TGK_TILE * TGK_PITCH);
  PER_ITEM(float, sum, TGK_CELLS_EACH);
  left += left_offset;
  right += right_offset;
  scores += scores_offset;
  offsets += offsets_offset;
  starts += starts_offset;
  THIS_MATRIX(scores);
  const uint across = (longest + TGK_TILE - 1) / TGK_TILE;
  const uint i0 = GROUP_X / across * TGK_TILE, t0 = GROUP_X % across * TGK_TILE;
  if (i0 >= query_count || t0 >= length) return;
  left += FIRST_QUERY * left_stride + head * width;
  right += (ulong)token * right_stride + head * width;
  EACH_ITEM { clear_cells(OWN(sum)); }
  SYNC;
  for (uint k0 = 0; k0 < width; k0 += TGK_TILE) {
    EACH_ITEM {
      for (uint cell = ITEM; cell < TGK_TILE * TGK_TILE; cell += TGK_GROUP) {
        const uint r = cell / TGK_TILE, k = cell % TGK_TILE, i = i0 + r, t = t0 + r;
        const bool is_inside = k0 + k < width;
        lefts[k * TGK_PITCH + r] =
          is_inside && i < query_count ? left[(ulong)i * left_stride + k0 + k] : 0.0f;
        rights[k * TGK_PITCH + r] =
          is_inside && t < length ? right[(ulong)t * right_stride + k0 + k] : 0.0f;
      }
    }
    SYNC;
    EACH_ITEM { multiply_tiles(lefts, rights, smaller(TGK_TILE, width - k0), ITEM, OWN(sum)); }
    SYNC;
  }
  EACH_ITEM {
    for (uint p = 0; p < TGK_ROWS_EACH; p++)
      for (uint q = 0; q < TGK_COLUMNS_EACH; q++) {
        const uint i = i0 + ITEM / 8 + TGK_LINES * p, t = t0 + ITEM % 8 + 8 * q;
        if (i < query_count && t < length)
          scores[(ulong)i * row_stride + t] = OWN(sum)[p * TGK_COLUMNS_EACH + q];
      }
  }
}

/* out[i, k] = sum over t of w(scores[i, t]) right[t, k], where out has the query rows and right a row per token; w is weight_of.
 * groups: (tiles of queries * tiles of width, heads, examples). */
KERNEL void tgk_attend_queries(
  GLOBAL const float *scores, ulong scores_offset, GLOBAL const float *right, ulong right_offset,
  GLOBAL float *out, ulong out_offset, GLOBAL const uint *offsets, ulong offsets_offset,
  GLOBAL const ulong *starts, ulong starts_offset, uint right_stride, uint out_stride,
  uint queries, uint width, uint is_signed, float factor
) {
  LOCAL_ARRAY(float, lefts, TGK_TILE * TGK_PITCH);
  LOCAL_ARRAY(float, rights, TGK_TILE * TGK_PITCH);
  PER_ITEM(float, sum, TGK_CELLS_EACH);
  scores += scores_offset;
  right += right_offset;
  out += out_offset;
  offsets += offsets_offset;
  starts += starts_offset;
  THIS_MATRIX(scores);
  const uint across = (width + TGK_TILE - 1) / TGK_TILE;
  const uint i0 = GROUP_X / across * TGK_TILE, k0 = GROUP_X % across * TGK_TILE;
  if (i0 >= query_count) return;
  right += (ulong)token * right_stride + head * width;
  out += FIRST_QUERY * out_stride + head * width;
  EACH_ITEM { clear_cells(OWN(sum)); }
  SYNC;
  for (uint t0 = 0; t0 < length; t0 += TGK_TILE) {
    EACH_ITEM {
      for (uint cell = ITEM; cell < TGK_TILE * TGK_TILE; cell += TGK_GROUP) {
        const uint r = cell / TGK_TILE, c = cell % TGK_TILE;
        lefts[c * TGK_PITCH + r] =
          i0 + r < query_count && t0 + c < length
          ? weight_of(scores[(ulong)(i0 + r) * row_stride + t0 + c], is_signed, factor) : 0.0f;
        rights[r * TGK_PITCH + c] =
          t0 + r < length && k0 + c < width
          ? right[(ulong)(t0 + r) * right_stride + k0 + c] : 0.0f;
      }
    }
    SYNC;
    EACH_ITEM { multiply_tiles(lefts, rights, smaller(TGK_TILE, length - t0), ITEM, OWN(sum)); }
    SYNC;
  }
  EACH_ITEM {
    for (uint p = 0; p < TGK_ROWS_EACH; p++)
      for (uint q = 0; q < TGK_COLUMNS_EACH; q++) {
        const uint i = i0 + ITEM / 8 + TGK_LINES * p, k = k0 + ITEM % 8 + 8 * q;
        if (i < query_count && k < width)
          out[(ulong)i * out_stride + k] = OWN(sum)[p * TGK_COLUMNS_EACH + q];
      }
  }
}

/* out[t, k] = (adds ? out[t, k] : 0) + sum over i of w(scores[i, t]) right[i, k], where out has a row per token and right the query
 * rows. groups: (tiles of `longest` * tiles of width, heads, examples). */
KERNEL void tgk_attend_keys(
  GLOBAL const float *scores, ulong scores_offset, GLOBAL const float *right, ulong right_offset,
  GLOBAL float *out, ulong out_offset, GLOBAL const uint *offsets, ulong offsets_offset,
  GLOBAL const ulong *starts, ulong starts_offset, uint right_stride, uint out_stride,
  uint queries, uint width, uint adds, uint is_signed, float factor
) {
  LOCAL_ARRAY(float, lefts, TGK_TILE * TGK_PITCH);
  LOCAL_ARRAY(float, rights, TGK_TILE * TGK_PITCH);
  PER_ITEM(float, sum, TGK_CELLS_EACH);
  scores += scores_offset;
  right += right_offset;
  out += out_offset;
  offsets += offsets_offset;
  starts += starts_offset;
  THIS_MATRIX(scores);
  const uint across = (width + TGK_TILE - 1) / TGK_TILE;
  const uint t0 = GROUP_X / across * TGK_TILE, k0 = GROUP_X % across * TGK_TILE;
  if (t0 >= length) return;
  right += FIRST_QUERY * right_stride + head * width;
  out += (ulong)token * out_stride + head * width;
  EACH_ITEM { clear_cells(OWN(sum)); }
  SYNC;
  for (uint i0 = 0; i0 < query_count; i0 += TGK_TILE) {
    EACH_ITEM {
      for (uint cell = ITEM; cell < TGK_TILE * TGK_TILE; cell += TGK_GROUP) {
        const uint r = cell / TGK_TILE, c = cell % TGK_TILE;
        const bool is_inside = i0 + r < query_count;
        lefts[r * TGK_PITCH + c] =
          is_inside && t0 + c < length
          ? weight_of(scores[(ulong)(i0 + r) * row_stride + t0 + c], is_signed, factor) : 0.0f;
        rights[r * TGK_PITCH + c] =
          is_inside && k0 + c < width ? right[(ulong)(i0 + r) * right_stride + k0 + c] : 0.0f;
      }
    }
    SYNC;
    EACH_ITEM {
      multiply_tiles(lefts, rights, smaller(TGK_TILE, query_count - i0), ITEM, OWN(sum));
    }
    SYNC;
  }
  EACH_ITEM {
    for (uint p = 0; p < TGK_ROWS_EACH; p++)
      for (uint q = 0; q < TGK_COLUMNS_EACH; q++) {
        const uint t = t0 + ITEM / 8 + TGK_LINES * p, k = k0 + ITEM % 8 + 8 * q;
        if (t < length && k < width) {
          GLOBAL float *to = out + (ulong)t * out_stride + k;
          const float value = OWN(sum)[p * TGK_COLUMNS_EACH + q];
          *to = adds ? *to + value : value;
        }
      }
  }
}

/* Row i of head h becomes p = softmax(scale * row); a dropped p gets its sign bit set. With uses_sums, which takes queries = 1,
 * sums[e, h] is the sum of the weights that remain. groups: (the most queries of an example, heads, examples). */
KERNEL void tgk_attention_softmax(
  GLOBAL float *scores, ulong scores_offset, GLOBAL const uint *offsets, ulong offsets_offset,
  GLOBAL const ulong *starts, ulong starts_offset, GLOBAL const uint *examples,
  ulong examples_offset, GLOBAL float *sums, ulong sums_offset, uint queries,
  uint uses_sums, float scale, uint key0, uint key1, uint stream, uint threshold, float factor
) {
  LOCAL_ARRAY(float, highest, TGK_GROUP);
  LOCAL_ARRAY(float, totals, TGK_GROUP);
  LOCAL_ARRAY(float, kept, TGK_GROUP);
  scores += scores_offset;
  offsets += offsets_offset;
  starts += starts_offset;
  examples += examples_offset;
  sums += sums_offset;
  THIS_MATRIX(scores);
  const uint i = GROUP_X;
  if (i >= query_count) return;
  GLOBAL float *row = scores + (ulong)i * row_stride;
  const uint blocks = BLOCKS_OF_ROW(length);
  /* An item meets the same elements in all passes: those of its blocks of draws. */
  EACH_ITEM {
    float best = -3.0e38f;
    for (uint b = ITEM; b < blocks; b += TGK_GROUP)
      for (uint w = 0; w < 4; w++) {
        const uint t = FIRST_OF_BLOCK(b) + 8 * w;
        if (t < length) {
          const float x = row[t] * scale;
          row[t] = x;
          best = x > best ? x : best;
        }
      }
    highest[ITEM] = best;
  }
  LARGEST_LANE(highest)
  EACH_ITEM {
    const float best = highest[0];
    float total = 0.0f;
    for (uint b = ITEM; b < blocks; b += TGK_GROUP)
      for (uint w = 0; w < 4; w++) {
        const uint t = FIRST_OF_BLOCK(b) + 8 * w;
        if (t < length) {
          const float e = exponential(row[t] - best);
          row[t] = e;
          total += e;
        }
      }
    totals[ITEM] = total;
  }
  SUM_LANES(totals)
  EACH_ITEM {
    const float inverse = 1.0f / totals[0];
    float sum = 0.0f;
    for (uint b = ITEM; b < blocks; b += TGK_GROUP) {
      float factors[4];
      if (threshold != 0)
        keep_factors(
          b, i + 65536 * head, examples[example], stream, key0, key1, threshold, factor, factors);
      for (uint w = 0; w < 4; w++) {
        const uint t = FIRST_OF_BLOCK(b) + 8 * w;
        if (t < length) {
          const float p = row[t] * inverse;
          const bool is_dropped = threshold != 0 && factors[w] == 0.0f;
          row[t] = is_dropped ? float_of(bits_of(p) | 0x80000000u) : p;
          sum += threshold != 0 ? product(p, factors[w]) : p;
        }
      }
    }
    kept[ITEM] = sum;
  }
  if (uses_sums) {
    SUM_LANES(kept)
    EACH_ITEM {
      if (ITEM == 0) sums[(ulong)example * GROUPS_Y + head] = kept[0];
    }
  }
}

/* In: d = d loss / d weights, to which, with uses_addends, addends[e, h] is added. Out: d loss / d scores, before `scale`: with dp = d
 * where kept, times factor, ds = p (dp - sum of p dp) scale. groups: as tgk_attention_softmax. */
KERNEL void tgk_attention_softmax_backward(
  GLOBAL const float *probabilities, ulong probabilities_offset, GLOBAL float *d, ulong d_offset,
  GLOBAL const float *addends, ulong addends_offset, GLOBAL const uint *offsets,
  ulong offsets_offset, GLOBAL const ulong *starts, ulong starts_offset, uint queries,
  uint uses_addends, float scale, float factor
) {
  LOCAL_ARRAY(float, sums, TGK_GROUP);
  probabilities += probabilities_offset;
  d += d_offset;
  addends += addends_offset;
  offsets += offsets_offset;
  starts += starts_offset;
  THIS_MATRIX(probabilities);
  const uint i = GROUP_X;
  if (i >= query_count) return;
  GLOBAL const float *ps = probabilities + (ulong)i * row_stride;
  GLOBAL float *ds = d + starts[example] + ((ulong)head * query_count + i) * row_stride;
  EACH_ITEM {
    const float addend = uses_addends ? addends[(ulong)example * GROUPS_Y + head] : 0.0f;
    float sum = 0.0f;
    for (uint t = ITEM; t < length; t += TGK_GROUP) {
      const float p = ps[t];
      float dp = 0.0f;
      if (!is_negative(p)) dp = product(uses_addends ? ds[t] + addend : ds[t], factor);
      ds[t] = dp;
      sum += magnitude(p) * dp;
    }
    sums[ITEM] = sum;
  }
  SUM_LANES(sums)
  EACH_ITEM {
    for (uint t = ITEM; t < length; t += TGK_GROUP)
      ds[t] = magnitude(ps[t]) * (ds[t] - sums[0]) * scale;
  }
}

/* context[e, h, :] += sums[e, h] * bias[h, :]. Flat. */
KERNEL void tgk_add_weighted_bias(
  GLOBAL float *context, ulong context_offset, GLOBAL const float *sums, ulong sums_offset,
  GLOBAL const float *bias, ulong bias_offset, uint examples, uint heads, uint width
) {
  context += context_offset;
  sums += sums_offset;
  bias += bias_offset;
  EACH_CELL(i, j, examples, heads * width) { context[i] += sums[i / width] * bias[j]; }
}

/* dbias[h, :] = sum over e of sums[e, h] * d[e, h, :]. Flat. */
KERNEL void tgk_weighted_bias_gradient(
  GLOBAL const float *d, ulong d_offset, GLOBAL const float *sums, ulong sums_offset,
  GLOBAL float *dbias, ulong dbias_offset, uint examples, uint heads, uint width
) {
  d += d_offset;
  sums += sums_offset;
  dbias += dbias_offset;
  EACH_ELEMENT(j, heads * width) {
    float sum = 0.0f;
    for (uint e = 0; e < examples; e++)
      sum += sums[(ulong)e * heads + j / width] * d[(ulong)e * heads * width + j];
    dbias[j] = sum;
  }
}

/* dsums[e, h] = d[e, h, :] . bias[h, :]. Flat. */
KERNEL void tgk_weighted_bias_sums(
  GLOBAL const float *d, ulong d_offset, GLOBAL const float *bias, ulong bias_offset,
  GLOBAL float *dsums, ulong dsums_offset, uint examples, uint heads, uint width
) {
  d += d_offset;
  bias += bias_offset;
  dsums += dsums_offset;
  EACH_ELEMENT(i, examples * heads) {
    GLOBAL const float *c = d + i * width;
    GLOBAL const float *b = bias + i % heads * width;
    /* In the order of the CPU's sixteen lanes. */
    float sum = 0.0f;
    for (uint first = 0; first < 16; first++) {
      float lane = 0.0f;
      for (uint k = first; k < width; k += 16) lane += c[k] * b[k];
      sum += lane;
    }
    dsums[i] = sum;
  }
}

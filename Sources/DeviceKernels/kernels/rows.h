/* Rows taken from matrices and added to them. Flat. */

/* out[t, :] = words[word_rows[t], :] + type[:] + table[positions[t], :]; the type only with uses_type. */
KERNEL void tgk_embed(
  GLOBAL const float *words, ulong words_offset, GLOBAL const int *word_rows,
  ulong word_rows_offset, GLOBAL const float *table, ulong table_offset,
  GLOBAL const uint *positions, ulong positions_offset, GLOBAL const float *type,
  ulong type_offset, GLOBAL float *out, ulong out_offset, uint rows, uint columns, uint uses_type
) {
  words += words_offset;
  word_rows += word_rows_offset;
  table += table_offset;
  positions += positions_offset;
  type += type_offset;
  out += out_offset;
  EACH_CELL(i, j, rows, columns) {
    const ulong t = i / columns;
    float sum = words[(ulong)word_rows[t] * columns + j];
    if (uses_type) sum += type[j];
    out[i] = sum + table[(ulong)positions[t] * columns + j];
  }
}

/* out[i, :] = x[index[i], :]. */
KERNEL void tgk_gather_rows(
  GLOBAL const float *x, ulong x_offset, GLOBAL const uint *index, ulong index_offset,
  GLOBAL float *out, ulong out_offset, uint rows, uint columns
) {
  x += x_offset;
  index += index_offset;
  out += out_offset;
  EACH_CELL(i, j, rows, columns) { out[i] = x[(ulong)index[i / columns] * columns + j]; }
}

/* x[index[i], :] += d[i, :]; no row comes twice. */
KERNEL void tgk_add_to_rows(
  GLOBAL const float *d, ulong d_offset, GLOBAL const uint *index, ulong index_offset,
  GLOBAL float *x, ulong x_offset, uint rows, uint columns
) {
  d += d_offset;
  index += index_offset;
  x += x_offset;
  EACH_CELL(i, j, rows, columns) { x[(ulong)index[i / columns] * columns + j] += d[i]; }
}

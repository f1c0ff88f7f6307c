/* Dropout with the CPU's draws; see tg_dropout and tg_dropout_draws in CKernels/include/kernels.h. */

/* Element e of a row is word (e / 8) % 4 of block 8 (e / 32) + e % 8, so that block b has the elements
 * FIRST_OF_BLOCK(b) + 8 w, w = 0 ... 3. Whoever draws a block takes care of these four elements. */
#define BLOCKS_OF_ROW(columns) (((columns) + 31) / 32 * 8)
#define FIRST_OF_BLOCK(block) ((block) / 8 * 32 + (block) % 8)

/* A block of Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011). */
DEVICE void philox(
  uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint *words
) {
  for (uint round = 0; round < 10; round++) {
    const uint high0 = high_product(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
    const uint high1 = high_product(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/* The factors of a block's four elements: 0 where dropped, `factor` elsewhere. */
DEVICE void keep_factors(
  uint block, uint place, uint example, uint stream, uint key0, uint key1, uint threshold,
  float factor, float *factors
) {
  uint words[4];
  philox(block, place, example, stream, key0, key1, words);
  for (uint w = 0; w < 4; w++) factors[w] = words[w] < threshold ? 0.0f : factor;
}

/* out = x with dropped elements 0 and the others times factor; row i is that of examples[i] and positions[i]. out may be x.
 * groups: (rows, 1, 1). */
KERNEL void tgk_dropout_rows(
  GLOBAL const float *x, ulong x_offset, GLOBAL float *out, ulong out_offset,
  GLOBAL const uint *examples, ulong examples_offset, GLOBAL const uint *positions,
  ulong positions_offset, uint rows, uint columns, uint key0, uint key1, uint stream,
  uint threshold, float factor
) {
  x += x_offset;
  out += out_offset;
  examples += examples_offset;
  positions += positions_offset;
  const uint row = GROUP_X;
  if (row >= rows) return;
  const ulong start = (ulong)row * columns;
  EACH_ITEM {
    for (uint b = ITEM; b < BLOCKS_OF_ROW(columns); b += TGK_GROUP) {
      float factors[4];
      keep_factors(
        b, positions[row], examples[row], stream, key0, key1, threshold, factor, factors);
      for (uint w = 0; w < 4; w++) {
        const uint j = FIRST_OF_BLOCK(b) + 8 * w;
        if (j < columns) out[start + j] = x[start + j] * factors[w];
      }
    }
  }
}

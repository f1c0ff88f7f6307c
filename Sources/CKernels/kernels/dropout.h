#ifndef TRANSFERGAP_KERNELS_DROPOUT_H
#define TRANSFERGAP_KERNELS_DROPOUT_H

#include "vector.h"

/* A 32-bit word in each 64-bit lane: the product of two words then needs one instruction. */
typedef uint64_t u8v __attribute__((vector_size(64)));
typedef uint32_t w8v __attribute__((vector_size(32)));

enum { tg_draws_at_once = 32 };

TG_INLINE u8v u_all(uint64_t x) { return (u8v){x, x, x, x, x, x, x, x}; }

/* Eight Philox blocks with the counters first ... first + 7, word by word. */
TG_INLINE void draw32(
  const tg_dropout *dropout, uint32_t first, uint32_t second, uint32_t third, uint32_t *out
) {
  const u8v low = u_all(0xffffffff);
  u8v c0 = u_all(first) + (u8v){0, 1, 2, 3, 4, 5, 6, 7};
  u8v c1 = u_all(second), c2 = u_all(third), c3 = u_all(dropout->stream);
  uint32_t k0 = dropout->key[0], k1 = dropout->key[1];
  for (int round = 0; round < 10; round++) {
    const u8v p0 = (c0 & low) * u_all(0xD2511F53u), p1 = (c2 & low) * u_all(0xCD9E8D57u);
    c0 = (p1 >> 32) ^ (c1 & low) ^ u_all(k0);
    c2 = (p0 >> 32) ^ (c3 & low) ^ u_all(k1);
    c1 = p1;
    c3 = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const w8v words[4] = {
    __builtin_convertvector(c0, w8v), __builtin_convertvector(c1, w8v),
    __builtin_convertvector(c2, w8v), __builtin_convertvector(c3, w8v),
  };
  memcpy(out, words, sizeof words);
}

/* The factors of sixteen elements: 0 where dropped, scale elsewhere. */
TG_INLINE v16 keep_factors(const tg_dropout *dropout, const uint32_t *draws) {
  u16v x;
  memcpy(&x, draws, sizeof x);
  const u16v threshold = (u16v){0} + dropout->threshold;
  return (v16)((i16v)v_all(dropout->scale) & (i16v)(x >= threshold));
}


static void dropout_draws(
  const tg_dropout *dropout, uint32_t example, uint32_t position, uint32_t head, long count,
  uint32_t *draws
) {
  for (long e = 0; e < count; e += tg_draws_at_once)
    draw32(dropout, (uint32_t)(e / 4), position + 65536 * head, example, draws + e);
}

static void dropout_rows(
  const float *x, float *out, long rows, long columns, const tg_dropout *dropout,
  const uint32_t *examples, const uint32_t *positions
) {
  for (long i = 0; i < rows; i++) {
    const float *from = x + i * columns;
    float *to = out + i * columns;
    for (long j = 0; j < columns; j += tg_draws_at_once) {
      uint32_t draws[tg_draws_at_once];
      draw32(dropout, (uint32_t)(j / 4), positions[i], examples[i], draws);
      for (long k = 0; k < tg_draws_at_once && j + k < columns; k += 16) {
        const long n = columns - j - k;
        const v16 factors = keep_factors(dropout, draws + k);
        if (n >= 16)
          v_store(to + j + k, v_load(from + j + k) * factors);
        else
          v_store_first(to + j + k, v_load_first(from + j + k, n, 0) * factors, n);
      }
    }
  }
}

#endif

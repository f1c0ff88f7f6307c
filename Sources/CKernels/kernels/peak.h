/* The most floating-point operations that a thread can do, for comparison with what is done. */

#include "vector.h"

/* As wide as the instruction set's registers; set by each clone. */
typedef float peak_vector __attribute__((vector_size(TG_REGISTER_BYTES)));

/* Twelve chains in registers: more than latency times instructions a cycle on all processors known, and few
 * enough for the sixteen registers of AVX2. */
static double multiply_adds(long rounds, float *sink) {
  peak_vector chain[12], factor, summand;
  for (unsigned long i = 0; i < TG_REGISTER_BYTES / 4; i++) {
    factor[i] = 0.999f;
    summand[i] = 0.001f;
    for (int j = 0; j < 12; j++) chain[j][i] = (float)j;
  }
  for (long round = 0; round < rounds; round++) {
    chain[0] = chain[0] * factor + summand;
    chain[1] = chain[1] * factor + summand;
    chain[2] = chain[2] * factor + summand;
    chain[3] = chain[3] * factor + summand;
    chain[4] = chain[4] * factor + summand;
    chain[5] = chain[5] * factor + summand;
    chain[6] = chain[6] * factor + summand;
    chain[7] = chain[7] * factor + summand;
    chain[8] = chain[8] * factor + summand;
    chain[9] = chain[9] * factor + summand;
    chain[10] = chain[10] * factor + summand;
    chain[11] = chain[11] * factor + summand;
  }
  /* Used, so that it is computed. */
  for (int j = 0; j < 12; j++) *sink += chain[j][0];
  return 2.0 * 12 * (TG_REGISTER_BYTES / 4) * (double)rounds;
}

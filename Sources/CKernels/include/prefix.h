#ifndef TRANSFERGAP_PREFIX_H
#define TRANSFERGAP_PREFIX_H

#include <stdint.h>

/* What the store of the frozen prefix does with every byte it reads and writes. Both give the same bits
 * on every processor. */

/* A 64-bit checksum of `count` bytes: finds damage, resists nobody's intent. */
uint64_t tg_checksum(const void *bytes, long count);

/* IEEE 754 half precision, rounded to nearest even, and back (exact). */
void tg_to_half(const float *x, uint16_t *halves, long count);
void tg_from_half(const uint16_t *halves, float *x, long count);

/* Gives free memory of the heap back to the system, which Swift's view of the C library cannot ask for. */
void tg_trim_heap(void);

#endif

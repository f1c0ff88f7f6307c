#include "prefix.h"

#include <string.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

/* Four lanes, each xor, multiply, rotate, so that four multiplications are under way at once: about the
 * speed of memory. A bit flipped anywhere changes its lane for good, since every step is a bijection. */
uint64_t tg_checksum(const void *bytes, long count) {
  const uint64_t factor = 0x9E3779B97F4A7C15u;
  const unsigned char *next = bytes;
  uint64_t lane[4] = {1, 2, 3, 4};
  long left = count;
  for (; left >= 32; left -= 32, next += 32) {
    uint64_t word[4];
    memcpy(word, next, 32);
    for (int i = 0; i < 4; i++) {
      uint64_t h = (lane[i] ^ word[i]) * factor;
      lane[i] = h << 29 | h >> 35;
    }
  }
  uint64_t tail[4] = {0, 0, 0, 0};
  memcpy(tail, next, (size_t)left);
  uint64_t sum = (uint64_t)count * factor;
  for (int i = 0; i < 4; i++) {
    uint64_t h = (lane[i] ^ tail[i]) * factor;
    sum = (sum ^ (h ^ h >> 32)) * factor;
  }
  return sum ^ sum >> 29;
}

void tg_trim_heap(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

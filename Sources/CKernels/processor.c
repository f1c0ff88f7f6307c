#include "processor.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

tg_processor tg_this_processor(void) {
  tg_processor found;
  memset(&found, 0, sizeof found);
#if defined(__x86_64__)
  unsigned eax, ebx, ecx, edx;
  if (__get_cpuid(0, &eax, &ebx, &ecx, &edx)) {
    memcpy(found.vendor, &ebx, 4);
    memcpy(found.vendor + 4, &edx, 4);
    memcpy(found.vendor + 8, &ecx, 4);
  }
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
    /* Intel's manual, CPUID leaf 1: extended family counts from family 15, extended model from 6 on. */
    const int family = eax >> 8 & 15, model = eax >> 4 & 15;
    found.family = family == 15 ? family + (int)(eax >> 20 & 255) : family;
    found.model = family == 6 || family == 15 ? model + (int)(eax >> 12 & 0xf0) : model;
  }
#endif
  return found;
}

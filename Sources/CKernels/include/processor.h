#ifndef TRANSFERGAP_PROCESSOR_H
#define TRANSFERGAP_PROCESSOR_H

/* What the processor says of itself (cpuid). Elsewhere than on x86-64 the vendor is empty and the
 * numbers are 0. */
typedef struct {
  /* Such as "GenuineIntel"; ends with a zero. */
  char vendor[13];
  int family;
  int model;
} tg_processor;

tg_processor tg_this_processor(void);

#endif

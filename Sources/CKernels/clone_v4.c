/* The kernels for processors of the level x86-64-v4. */
#include <stdint.h>
#include <string.h>

#include "clone.h"

#define TG_REGISTER_BYTES 64

#if defined(__x86_64__)
/* Without the width, the compiler prefers 256 bits on this level, as early processors slowed down for 512. */
#pragma clang attribute push( \
  __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#include "kernels/all.h"
#pragma clang attribute pop

const tg_clone tg_clone_v4 = TG_CLONE("x86-64-v4");
#endif

/* The kernels as text, for the compilers of devices. */
#include "include/device_kernels.h"

static const char text[] = {
#embed "kernels/portable.h" suffix(, )
#embed "kernels/numbers.h" suffix(, )
#embed "kernels/elementwise.h" suffix(, )
#embed "kernels/dropout.h" suffix(, )
#embed "kernels/layer_norm.h" suffix(, )
#embed "kernels/sums.h" suffix(, )
#embed "kernels/rows.h" suffix(, )
#embed "kernels/attention.h" suffix(, )
#embed "kernels/training.h" suffix(, )
  0};

const char *tgk_source(void) { return text; }

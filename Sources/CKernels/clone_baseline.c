/* The kernels for any processor of the architecture. */
#include "clone.h"

#define TG_REGISTER_BYTES 16
#include "kernels/all.h"

const tg_clone tg_clone_baseline = TG_CLONE("baseline");

/* The kernels for any processor of the architecture. */
#include "clone.h"
#include "kernels/all.h"

const tg_clone tg_clone_baseline = TG_CLONE("baseline");

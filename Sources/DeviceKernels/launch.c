/* The kernels as C: what runs them on this processor, a group after another. */
#include "include/device_kernels.h"

#include <string.h>

/* portable.h comes first; the same list is in source.c. */
#include "kernels/portable.h"
#include "kernels/numbers.h"
#include "kernels/elementwise.h"
#include "kernels/dropout.h"
#include "kernels/layer_norm.h"
#include "kernels/sums.h"
#include "kernels/rows.h"
#include "kernels/attention.h"
#include "kernels/training.h"

_Static_assert(tgk_group_size == TGK_GROUP, "the header says how large a group is");
_Static_assert(tgk_run == TGK_RUN && tgk_tile == TGK_TILE, "the header says how large they are");
_Static_assert(
  tgk_uses_bias == TGK_USES_BIAS && tgk_uses_residual == TGK_USES_RESIDUAL
    && tgk_uses_tape == TGK_USES_TAPE,
  "the header names the bits");

typedef struct {
  tgk_kernel kernel;
  void (*launch)(void **values);
} launch_entry;

#include "launches.h"

_Thread_local tgk_place tgk_here = {.item_step = 1};
static _Thread_local bool is_descending = false;

size_t tgk_kernel_count(void) { return sizeof entries / sizeof *entries; }

tgk_kernel tgk_kernel_at(size_t index) { return entries[index].kernel; }

void tgk_launch_descending(bool descending) {
  is_descending = descending;
  tgk_here.first_item = descending ? TGK_GROUP - 1 : 0;
  tgk_here.item_step = descending ? (uint)-1 : 1;
}

int tgk_launch(
  const char *name, const size_t groups[3], const size_t items[3], void **arguments
) {
  if (items[0] != TGK_GROUP || items[1] != 1 || items[2] != 1) return 2;
  for (size_t k = 0; k < tgk_kernel_count(); k++) {
    if (strcmp(entries[k].kernel.name, name) != 0) continue;
    const size_t count = groups[0] * groups[1] * groups[2];
    tgk_here.groups_x = (uint)groups[0];
    tgk_here.groups_y = (uint)groups[1];
    for (size_t step = 0; step < count; step++) {
      const size_t group = is_descending ? count - 1 - step : step;
      tgk_here.x = (uint)(group % groups[0]);
      tgk_here.y = (uint)(group / groups[0] % groups[1]);
      tgk_here.z = (uint)(group / groups[0] / groups[1]);
      entries[k].launch(arguments);
    }
    return 0;
  }
  return 1;
}

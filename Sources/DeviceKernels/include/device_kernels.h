#ifndef TRANSFERGAP_DEVICE_KERNELS_H
#define TRANSFERGAP_DEVICE_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

/* The kernels of a device: one text that OpenCL C 1.2, NVRTC and C compile (decision 94). */

/* Items of a group, in every launch: (tgk_group_size, 1, 1). */
enum { tgk_group_size = 64 };
/* Rows that are summed up at a time in sums over rows. */
enum { tgk_run = 64 };
/* Rows and columns of the tiles of attention's products. */
enum { tgk_tile = 32 };

/* What tgk_residual_layer_norm uses, added up. */
enum { tgk_uses_bias = 1, tgk_uses_residual = 2, tgk_uses_tape = 4 };

/* The text, for a compiler of OpenCL C or CUDA C++; ends with a zero. */
const char *tgk_source(void);

/* A kernel of the text. */
typedef struct {
  /* As it is called in the text, prefix included. */
  const char *name;
  /* A letter per argument of a launch: 'b' a buffer (two parameters: pointer and offset in elements), 'u' uint, 'l' ulong, 'f' float. */
  const char *arguments;
} tgk_kernel;

size_t tgk_kernel_count(void);
tgk_kernel tgk_kernel_at(size_t index);

/* Runs a kernel on this processor, as compiled from the same text as C; arguments are pointers to the parameters' values,
 * as cuLaunchKernel takes them. Returns 0; 1 if there is no such kernel; 2 if items are not (tgk_group_size, 1, 1). */
int tgk_launch(const char *name, const size_t groups[3], const size_t items[3], void **arguments);

/* In which order tgk_launch takes groups and items on the calling thread from now on: descending or, as at first, ascending. On a
 * device they come in any order, so that no result may depend on it; for tests. */
void tgk_launch_descending(bool descending);

#endif

/* What differs between OpenCL C 1.2, CUDA C++ as NVRTC compiles it, and C, in which the kernels run on the processor for tests.
 *
 * The kernels are written in what the three share: no recursion, no variadic macros, no initialised arrays at file scope,
 * arrays in LOCAL memory at the outermost scope of a kernel. A kernel is called once per group; what the items of a group do is
 * written in steps:
 *
 *   EACH_ITEM { ... }  what every item does, ITEM being its number; on a device a plain block, in C a loop over the items.
 *   SYNC               every item is done with the step before; on a device a barrier, in C nothing.
 *
 * Outside EACH_ITEM only values that all items share are computed, and neither LOCAL memory nor anything that the kernel writes is
 * read there: C, where items take turns, would not show the race. What an item keeps from one step to the next is declared with
 * PER_ITEM, outside, and called by OWN inside. Since EACH_ITEM is no loop on a device, it has no `continue` or `break` of its own. */

#ifndef TGK_GROUP
#define TGK_GROUP 64
#endif
/* Rows that are summed up at a time in sums over rows, as on the CPU. */
#define TGK_RUN 64
/* Rows and columns of the tiles of attention's products. */
#define TGK_TILE 32

#if defined(__OPENCL_VERSION__)

/* Products are rounded before they are added, as on a processor without fused multiply-add, unless a kernel asks for it. */
#pragma OPENCL FP_CONTRACT OFF

#define KERNEL __kernel __attribute__((reqd_work_group_size(TGK_GROUP, 1, 1)))
#define DEVICE static
#define GLOBAL __global
#define LOCAL __local
#define LOCAL_ARRAY(type, name, count) __local type name[count]
#define PER_ITEM(type, name, count) type name[count]
#define OWN(name) name
#define EACH_ITEM
#define SYNC barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define ITEM ((uint)get_local_id(0))
#define GROUP_X ((uint)get_group_id(0))
#define GROUP_Y ((uint)get_group_id(1))
#define GROUP_Z ((uint)get_group_id(2))
#define GROUPS_X ((uint)get_num_groups(0))
#define GROUPS_Y ((uint)get_num_groups(1))

DEVICE uint bits_of(float x) { return as_uint(x); }
DEVICE float float_of(uint bits) { return as_float(bits); }
DEVICE uint high_product(uint a, uint b) { return mul_hi(a, b); }
DEVICE float fused(float a, float b, float c) { return fma(a, b, c); }
DEVICE float multiply_add(float a, float b, float c) { return mad(a, b, c); }
DEVICE float product(float a, float b) { return a * b; }
DEVICE float root(float x) { return sqrt(x); }
DEVICE float logarithm(float x) { return log(x); }

#elif defined(__CUDACC_RTC__)

typedef unsigned int uint;
typedef unsigned long long ulong;

#define KERNEL extern "C" __global__ __launch_bounds__(TGK_GROUP)
#define DEVICE static __device__ __forceinline__
#define GLOBAL
#define LOCAL
#define LOCAL_ARRAY(type, name, count) __shared__ type name[count]
#define PER_ITEM(type, name, count) type name[count]
#define OWN(name) name
#define EACH_ITEM
#define SYNC __syncthreads()
#define ITEM (threadIdx.x)
#define GROUP_X (blockIdx.x)
#define GROUP_Y (blockIdx.y)
#define GROUP_Z (blockIdx.z)
#define GROUPS_X (gridDim.x)
#define GROUPS_Y (gridDim.y)

DEVICE uint bits_of(float x) { return __float_as_uint(x); }
DEVICE float float_of(uint bits) { return __uint_as_float(bits); }
DEVICE uint high_product(uint a, uint b) { return __umulhi(a, b); }
DEVICE float fused(float a, float b, float c) { return __fmaf_rn(a, b, c); }
DEVICE float multiply_add(float a, float b, float c) { return __fmaf_rn(a, b, c); }
DEVICE float product(float a, float b) { return __fmul_rn(a, b); }
DEVICE float root(float x) { return __fsqrt_rn(x); }
DEVICE float logarithm(float x) { return logf(x); }

#else

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t tgk_uint;
typedef uint64_t tgk_ulong;
#define uint tgk_uint
#define ulong tgk_ulong

/* Where the group that runs on this thread is, and in which order its items run; tgk_launch sets it. */
typedef struct {
  uint x, y, z, groups_x, groups_y;
  uint first_item, item_step;
} tgk_place;
extern _Thread_local tgk_place tgk_here;

#define KERNEL
#define DEVICE static inline
#define GLOBAL
#define LOCAL
#define LOCAL_ARRAY(type, name, count) type name[count]
#define PER_ITEM(type, name, count) type name[TGK_GROUP][count]
#define OWN(name) name[item]
/* Descending, the step is -1, and the number after 0 is no item. */
#define EACH_ITEM for (uint item = tgk_here.first_item; item < TGK_GROUP; item += tgk_here.item_step)
#define SYNC
#define ITEM item
#define GROUP_X (tgk_here.x)
#define GROUP_Y (tgk_here.y)
#define GROUP_Z (tgk_here.z)
#define GROUPS_X (tgk_here.groups_x)
#define GROUPS_Y (tgk_here.groups_y)

DEVICE uint bits_of(float x) {
  uint bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
DEVICE float float_of(uint bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
DEVICE uint high_product(uint a, uint b) { return (uint)((ulong)a * b >> 32); }
DEVICE float fused(float a, float b, float c) { return fmaf(a, b, c); }
DEVICE float multiply_add(float a, float b, float c) { return a * b + c; }
DEVICE float product(float a, float b) { return a * b; }
DEVICE float root(float x) { return sqrtf(x); }
DEVICE float logarithm(float x) { return logf(x); }

#endif

/* fused(a, b, c) is a * b + c rounded once; multiply_add may round the product too, whichever is fast; product(a, b) is rounded
 * and never becomes part of a fused sum. */

DEVICE uint smaller(uint a, uint b) { return a < b ? a : b; }
/* NaN if either is. */
DEVICE float larger(float a, float b) { return b > a || b != b ? b : a; }

/* Every element of a flat kernel once, whatever the number of groups. */
#define EACH_ELEMENT(i, count) \
  EACH_ITEM for (ulong i = (ulong)GROUP_X * TGK_GROUP + ITEM; i < (count); i += (ulong)GROUPS_X * TGK_GROUP)

/* The same for a matrix, with the column in j and one division per item. */
#define EACH_CELL(i, j, rows, columns) \
  EACH_ITEM for ( \
    ulong i = (ulong)GROUP_X * TGK_GROUP + ITEM, step_ = (ulong)GROUPS_X * TGK_GROUP, \
    skip_ = step_ % (columns), j = i % (columns); \
    i < (ulong)(rows) * (columns); \
    i += step_, j += skip_, j -= j >= (columns) ? (columns) : 0)

/* Halves the TGK_GROUP numbers of `lanes` to their sum, in lanes[0]: a fixed tree. Begins and ends with a SYNC. */
#define SUM_LANES(lanes) \
  SYNC; \
  for (uint half_ = TGK_GROUP / 2; half_ > 0; half_ /= 2) { \
    EACH_ITEM { \
      if (ITEM < half_) lanes[ITEM] += lanes[ITEM + half_]; \
    } \
    SYNC; \
  }

/* The same for the largest of them, NaN if one is NaN. */
#define LARGEST_LANE(lanes) \
  SYNC; \
  for (uint half_ = TGK_GROUP / 2; half_ > 0; half_ /= 2) { \
    EACH_ITEM { \
      if (ITEM < half_) lanes[ITEM] = larger(lanes[ITEM], lanes[ITEM + half_]); \
    } \
    SYNC; \
  }

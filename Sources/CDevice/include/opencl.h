#ifndef TRANSFERGAP_OPENCL_H
#define TRANSFERGAP_OPENCL_H

#include <stddef.h>
#include <stdint.h>

/* OpenCL 1.2 and CLBlast's C interface, loaded when they are asked for. Only what is used is declared, so that neither
 * headers nor libraries are needed to build. Types and numbers are those of the OpenCL specification and of clblast_c.h. */

/* Every cl_... object is a pointer to something that only the driver knows. */
typedef void *tg_cl_object;

enum {
  TG_CL_SUCCESS = 0,
  TG_CL_DEVICE_NOT_FOUND = -1,
  TG_CL_DEVICE_NOT_AVAILABLE = -2,
  TG_CL_MEM_OBJECT_ALLOCATION_FAILURE = -4,
  TG_CL_OUT_OF_RESOURCES = -5,
  TG_CL_OUT_OF_HOST_MEMORY = -6,
  TG_CL_BUILD_PROGRAM_FAILURE = -11,
  TG_CL_INVALID_BUFFER_SIZE = -61,
  /* Of the loader: no driver is installed. */
  TG_CL_PLATFORM_NOT_FOUND = -1001,

  TG_CL_DEVICE_TYPE_CPU = 1 << 1,
  TG_CL_DEVICE_TYPE_GPU = 1 << 2,
  TG_CL_DEVICE_TYPE_ACCELERATOR = 1 << 3,

  TG_CL_PLATFORM_NAME = 0x0902,
  TG_CL_DEVICE_TYPE = 0x1000,
  TG_CL_DEVICE_MAX_WORK_GROUP_SIZE = 0x1004,
  TG_CL_DEVICE_MAX_MEM_ALLOC_SIZE = 0x1010,
  TG_CL_DEVICE_SINGLE_FP_CONFIG = 0x101B,
  TG_CL_DEVICE_GLOBAL_MEM_SIZE = 0x101F,
  TG_CL_DEVICE_AVAILABLE = 0x1027,
  TG_CL_DEVICE_COMPILER_AVAILABLE = 0x1028,
  TG_CL_DEVICE_NAME = 0x102B,
  TG_CL_DRIVER_VERSION = 0x102D,
  TG_CL_DEVICE_VERSION = 0x102F,
  TG_CL_PROGRAM_BUILD_LOG = 0x1183,

  /* A bit of TG_CL_DEVICE_SINGLE_FP_CONFIG. */
  TG_CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT = 1 << 7,

  TG_CL_MEM_READ_WRITE = 1 << 0,

  /* clblast_c.h's enumerations. */
  TG_CLBLAST_ROW_MAJOR = 101,
  TG_CLBLAST_NO_TRANSPOSE = 111,
  TG_CLBLAST_TRANSPOSE = 112
};

/* Every device of every platform. 0xFFFFFFFF is no value that a C enumeration must hold. */
static const uint64_t tg_cl_device_type_all = 0xFFFFFFFFu;

/* The functions, called as the specification says; bit fields are 64 bits wide, booleans and enumerations 32. */
typedef struct {
  int32_t (*get_platforms)(uint32_t entries, tg_cl_object *platforms, uint32_t *count);
  int32_t (*get_platform_info)(
    tg_cl_object platform, uint32_t name, size_t size, void *value, size_t *size_needed);
  int32_t (*get_devices)(
    tg_cl_object platform, uint64_t type, uint32_t entries, tg_cl_object *devices, uint32_t *count);
  int32_t (*get_device_info)(
    tg_cl_object device, uint32_t name, size_t size, void *value, size_t *size_needed);
  tg_cl_object (*create_context)(
    const intptr_t *properties, uint32_t count, const tg_cl_object *devices,
    void (*notify)(const char *, const void *, size_t, void *), void *user_data, int32_t *error);
  int32_t (*release_context)(tg_cl_object context);
  tg_cl_object (*create_queue)(
    tg_cl_object context, tg_cl_object device, uint64_t properties, int32_t *error);
  int32_t (*release_queue)(tg_cl_object queue);
  tg_cl_object (*create_program)(
    tg_cl_object context, uint32_t count, const char **strings, const size_t *lengths,
    int32_t *error);
  int32_t (*build_program)(
    tg_cl_object program, uint32_t count, const tg_cl_object *devices, const char *options,
    void (*notify)(tg_cl_object, void *), void *user_data);
  int32_t (*get_build_info)(
    tg_cl_object program, tg_cl_object device, uint32_t name, size_t size, void *value,
    size_t *size_needed);
  int32_t (*release_program)(tg_cl_object program);
  tg_cl_object (*create_kernel)(tg_cl_object program, const char *name, int32_t *error);
  int32_t (*release_kernel)(tg_cl_object kernel);
  int32_t (*set_argument)(tg_cl_object kernel, uint32_t index, size_t size, const void *value);
  int32_t (*enqueue_kernel)(
    tg_cl_object queue, tg_cl_object kernel, uint32_t dimensions, const size_t *offset,
    const size_t *items, const size_t *items_of_group, uint32_t wait_count,
    const tg_cl_object *wait_for, tg_cl_object *event);
  tg_cl_object (*create_buffer)(
    tg_cl_object context, uint64_t flags, size_t size, void *host, int32_t *error);
  int32_t (*release_buffer)(tg_cl_object buffer);
  int32_t (*enqueue_read)(
    tg_cl_object queue, tg_cl_object buffer, uint32_t blocking, size_t offset, size_t size,
    void *target, uint32_t wait_count, const tg_cl_object *wait_for, tg_cl_object *event);
  int32_t (*enqueue_write)(
    tg_cl_object queue, tg_cl_object buffer, uint32_t blocking, size_t offset, size_t size,
    const void *source, uint32_t wait_count, const tg_cl_object *wait_for, tg_cl_object *event);
  int32_t (*enqueue_copy)(
    tg_cl_object queue, tg_cl_object source, tg_cl_object target, size_t source_offset,
    size_t target_offset, size_t size, uint32_t wait_count, const tg_cl_object *wait_for,
    tg_cl_object *event);
  int32_t (*enqueue_fill)(
    tg_cl_object queue, tg_cl_object buffer, const void *pattern, size_t pattern_size, size_t offset,
    size_t size, uint32_t wait_count, const tg_cl_object *wait_for, tg_cl_object *event);
  int32_t (*flush)(tg_cl_object queue);
  int32_t (*finish)(tg_cl_object queue);
} tg_opencl;

/* CLBlast; it calls the same libOpenCL. */
typedef struct {
  int32_t (*sgemm)(
    int32_t layout, int32_t a_transpose, int32_t b_transpose, size_t m, size_t n, size_t k,
    float alpha, tg_cl_object a, size_t a_offset, size_t a_stride, tg_cl_object b, size_t b_offset,
    size_t b_stride, float beta, tg_cl_object c, size_t c_offset, size_t c_stride,
    tg_cl_object *queue, tg_cl_object *event);
  int32_t (*sgemm_strided_batched)(
    int32_t layout, int32_t a_transpose, int32_t b_transpose, size_t m, size_t n, size_t k,
    float alpha, tg_cl_object a, size_t a_offset, size_t a_stride, size_t a_batch_stride,
    tg_cl_object b, size_t b_offset, size_t b_stride, size_t b_batch_stride, float beta,
    tg_cl_object c, size_t c_offset, size_t c_stride, size_t c_batch_stride, size_t count,
    tg_cl_object *queue, tg_cl_object *event);
} tg_clblast;

/* Load a library, once in a process and for good: drivers do not take being unloaded.
 *
 * file: as dlopen takes it. out: overwritten. Returns null, or what is wrong, in words that stay valid until the next
 * call on this thread. */
const char *tg_opencl_load(const char *file, tg_opencl *out);
const char *tg_clblast_load(const char *file, tg_clblast *out);

#endif

#ifndef TRANSFERGAP_CUDA_H
#define TRANSFERGAP_CUDA_H

#include <stddef.h>

/* NVIDIA's driver, cuBLAS and NVRTC, loaded when they are asked for: the functions that are used, as NVIDIA documents them
 * (CUDA Driver API, cuBLAS, NVRTC). Handles have the tags of NVIDIA's headers, so that Tests/CUDALibraries can have a
 * compiler compare each declaration with the real one.
 *
 * A name that ends in _v2 is what cuda.h makes of the name without it since CUDA 3.2 or 4.0; the bare symbols
 * are still in the library, with 32-bit addresses. */

typedef struct CUctx_st *tg_cuda_context;
typedef struct CUmod_st *tg_cuda_module;
typedef struct CUfunc_st *tg_cuda_function;
typedef struct CUstream_st *tg_cuda_stream;
typedef struct CUevent_st *tg_cuda_event;
typedef unsigned long long tg_cuda_address;
typedef struct cublasContext *tg_cublas_handle;
typedef struct _nvrtcProgram *tg_nvrtc_program;

/* CUresult. */
enum {
  TG_CUDA_SUCCESS = 0,
  TG_CUDA_OUT_OF_MEMORY = 2,
  TG_CUDA_DEVICE_UNAVAILABLE = 46,
  TG_CUDA_NO_DEVICE = 100,
  TG_CUDA_ECC_UNCORRECTABLE = 214,
  TG_CUDA_NVLINK_UNCORRECTABLE = 220,
  TG_CUDA_ILLEGAL_ADDRESS = 700,
  TG_CUDA_LAUNCH_TIMEOUT = 702,
  TG_CUDA_CONTEXT_IS_DESTROYED = 709,
  TG_CUDA_ASSERT = 710,
  TG_CUDA_HARDWARE_STACK_ERROR = 714,
  TG_CUDA_LAUNCH_FAILED = 719,
  TG_CUDA_SYSTEM_NOT_READY = 802,
  TG_CUDA_SYSTEM_DRIVER_MISMATCH = 803,
  TG_CUDA_UNKNOWN = 999
};

/* CUdevice_attribute, CUjit_option, flags. */
enum {
  TG_CUDA_MULTIPROCESSOR_COUNT = 16,
  TG_CUDA_COMPUTE_CAPABILITY_MAJOR = 75,
  TG_CUDA_COMPUTE_CAPABILITY_MINOR = 76,
  TG_CUDA_JIT_ERROR_LOG_BUFFER = 5,
  TG_CUDA_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
  /* A stream that does not wait for the default one, which nobody here uses. */
  TG_CUDA_STREAM_NON_BLOCKING = 1,
  TG_CUDA_EVENT_DISABLE_TIMING = 2
};

/* cublasStatus_t, cublasOperation_t, cublasMath_t. */
enum {
  TG_CUBLAS_SUCCESS = 0,
  TG_CUBLAS_NOT_INITIALIZED = 1,
  TG_CUBLAS_ALLOC_FAILED = 3,
  TG_CUBLAS_EXECUTION_FAILED = 13,
  TG_CUBLAS_OP_N = 0,
  TG_CUBLAS_OP_T = 1,
  TG_CUBLAS_DEFAULT_MATH = 0,
  TG_CUBLAS_TF32_TENSOR_OP_MATH = 3
};

typedef struct {
  /* What dlopen gave. */
  void *handle;
  unsigned (*init)(unsigned flags);
  unsigned (*driver_version)(int *version);
  unsigned (*error_name)(unsigned error, const char **name);
  unsigned (*error_string)(unsigned error, const char **text);
  unsigned (*device_count)(int *count);
  unsigned (*device)(int *device, int ordinal);
  unsigned (*device_name)(char *name, int length, int device);
  unsigned (*device_attribute)(int *value, unsigned attribute, int device);
  unsigned (*device_memory)(size_t *bytes, int device);
  unsigned (*context_retain)(tg_cuda_context *context, int device);
  unsigned (*context_release)(int device);
  unsigned (*context_set_current)(tg_cuda_context context);
  unsigned (*memory_info)(size_t *free, size_t *total);
  unsigned (*memory_allocate)(tg_cuda_address *address, size_t bytes);
  unsigned (*memory_free)(tg_cuda_address address);
  unsigned (*host_allocate)(void **pointer, size_t bytes, unsigned flags);
  unsigned (*host_free)(void *pointer);
  unsigned (*copy_to_device)(
    tg_cuda_address target, const void *source, size_t bytes, tg_cuda_stream stream);
  unsigned (*copy_to_host)(
    void *target, tg_cuda_address source, size_t bytes, tg_cuda_stream stream);
  unsigned (*copy_on_device)(
    tg_cuda_address target, tg_cuda_address source, size_t bytes, tg_cuda_stream stream);
  unsigned (*set_bytes)(
    tg_cuda_address target, unsigned char value, size_t bytes, tg_cuda_stream stream);
  unsigned (*stream_create)(tg_cuda_stream *stream, unsigned flags);
  unsigned (*stream_destroy)(tg_cuda_stream stream);
  unsigned (*stream_wait)(tg_cuda_stream stream);
  unsigned (*event_create)(tg_cuda_event *event, unsigned flags);
  unsigned (*event_destroy)(tg_cuda_event event);
  unsigned (*event_record)(tg_cuda_event event, tg_cuda_stream stream);
  unsigned (*event_wait)(tg_cuda_event event);
  unsigned (*module_load)(
    tg_cuda_module *module, const void *image, unsigned count, unsigned *options, void **values);
  unsigned (*module_unload)(tg_cuda_module module);
  unsigned (*module_function)(tg_cuda_function *function, tg_cuda_module module, const char *name);
  unsigned (*launch)(
    tg_cuda_function function, unsigned groups_x, unsigned groups_y, unsigned groups_z,
    unsigned items_x, unsigned items_y, unsigned items_z, unsigned shared_bytes,
    tg_cuda_stream stream, void **arguments, void **extra);
} tg_cuda_driver;

typedef struct {
  void *handle;
  unsigned (*create)(tg_cublas_handle *handle);
  unsigned (*destroy)(tg_cublas_handle handle);
  unsigned (*version)(tg_cublas_handle handle, int *version);
  unsigned (*set_stream)(tg_cublas_handle handle, tg_cuda_stream stream);
  unsigned (*set_workspace)(tg_cublas_handle handle, void *workspace, size_t bytes);
  unsigned (*set_math_mode)(tg_cublas_handle handle, unsigned mode);
  /* All column-major. */
  unsigned (*sgemm)(
    tg_cublas_handle handle, unsigned a_operation, unsigned b_operation, int m, int n, int k,
    const float *alpha, const float *a, int a_stride, const float *b, int b_stride,
    const float *beta, float *c, int c_stride);
  unsigned (*sgemm_batched)(
    tg_cublas_handle handle, unsigned a_operation, unsigned b_operation, int m, int n, int k,
    const float *alpha, const float *a, int a_stride, long long a_batch_stride, const float *b,
    int b_stride, long long b_batch_stride, const float *beta, float *c, int c_stride,
    long long c_batch_stride, int batch);
} tg_cublas;

typedef struct {
  void *handle;
  unsigned (*version)(int *major, int *minor);
  const char *(*error_string)(unsigned result);
  unsigned (*architecture_count)(int *count);
  unsigned (*architectures)(int *architectures);
  unsigned (*create)(
    tg_nvrtc_program *program, const char *source, const char *name, int header_count,
    const char *const *headers, const char *const *include_names);
  unsigned (*destroy)(tg_nvrtc_program *program);
  unsigned (*compile)(tg_nvrtc_program program, int count, const char *const *options);
  unsigned (*log_size)(tg_nvrtc_program program, size_t *bytes);
  unsigned (*log)(tg_nvrtc_program program, char *log);
  unsigned (*cubin_size)(tg_nvrtc_program program, size_t *bytes);
  unsigned (*cubin)(tg_nvrtc_program program, char *cubin);
  unsigned (*ptx_size)(tg_nvrtc_program program, size_t *bytes);
  unsigned (*ptx)(tg_nvrtc_program program, char *ptx);
} tg_nvrtc;

/* Load a library. file: as dlopen takes it. out: overwritten. Each returns null, or what is wrong, in words that stay valid
 * until the thread's next call; a library that lacks a function is unloaded. */
const char *tg_cuda_load_driver(const char *file, tg_cuda_driver *out);
const char *tg_cuda_load_cublas(const char *file, tg_cublas *out);
const char *tg_cuda_load_nvrtc(const char *file, tg_nvrtc *out);

#endif

/* Has the compiler compare our declarations of NVIDIA's functions with those of NVIDIA's headers: compiled, never run. The
 * macros of cuda.h put the versions of the symbols in place, as in Sources/CDevice/cuda.c. */
#include <cuda.h>

/* cuBLAS' header includes some that are written for the compiler nvcc; of these, only the names are wanted here. */
#define __host__
#define __device__
#define __device_builtin__
#define __align__(n) __attribute__((aligned(n)))
#define __builtin_align__(n) __align__(n)
#define __CUDA_FP16_H__
#define __CUDA_BF16_H__
typedef struct { unsigned short bits; } __half, __nv_bfloat16;
#define __DRIVER_TYPES_H__
typedef struct CUstream_st *cudaStream_t;
#include <cublas_v2.h>
#include <nvrtc.h>

#include "../../Sources/CDevice/include/cuda.h"

/* With and without the suffix: cuda.h's own macros must lead to the symbol that is loaded. */
#define SYMBOL_(name) #name
#define SYMBOL(name) SYMBOL_(name)
#define IS(name, symbol) \
  _Static_assert( \
    sizeof SYMBOL(name) == sizeof symbol && __builtin_strcmp(SYMBOL(name), symbol) == 0, symbol)

void take_driver(tg_cuda_driver *driver);
void take_driver(tg_cuda_driver *driver) {
  driver->init = cuInit;
  driver->driver_version = cuDriverGetVersion;
  driver->error_name = cuGetErrorName;
  driver->error_string = cuGetErrorString;
  driver->device_count = cuDeviceGetCount;
  driver->device = cuDeviceGet;
  driver->device_name = cuDeviceGetName;
  driver->device_attribute = cuDeviceGetAttribute;
  driver->device_memory = cuDeviceTotalMem;
  driver->context_retain = cuDevicePrimaryCtxRetain;
  driver->context_release = cuDevicePrimaryCtxRelease;
  driver->context_set_current = cuCtxSetCurrent;
  driver->memory_info = cuMemGetInfo;
  driver->memory_allocate = cuMemAlloc;
  driver->memory_free = cuMemFree;
  driver->host_allocate = cuMemHostAlloc;
  driver->host_free = cuMemFreeHost;
  driver->copy_to_device = cuMemcpyHtoDAsync;
  driver->copy_to_host = cuMemcpyDtoHAsync;
  driver->copy_on_device = cuMemcpyDtoDAsync;
  driver->set_bytes = cuMemsetD8Async;
  driver->stream_create = cuStreamCreate;
  driver->stream_destroy = cuStreamDestroy;
  driver->stream_wait = cuStreamSynchronize;
  driver->event_create = cuEventCreate;
  driver->event_destroy = cuEventDestroy;
  driver->event_record = cuEventRecord;
  driver->event_wait = cuEventSynchronize;
  driver->module_load = cuModuleLoadDataEx;
  driver->module_unload = cuModuleUnload;
  driver->module_function = cuModuleGetFunction;
  driver->launch = cuLaunchKernel;
}
IS(cuDeviceTotalMem, "cuDeviceTotalMem_v2");
IS(cuDevicePrimaryCtxRelease, "cuDevicePrimaryCtxRelease_v2");
IS(cuMemGetInfo, "cuMemGetInfo_v2");
IS(cuMemAlloc, "cuMemAlloc_v2");
IS(cuMemFree, "cuMemFree_v2");
IS(cuMemHostAlloc, "cuMemHostAlloc");
IS(cuMemcpyHtoDAsync, "cuMemcpyHtoDAsync_v2");
IS(cuMemcpyDtoHAsync, "cuMemcpyDtoHAsync_v2");
IS(cuMemcpyDtoDAsync, "cuMemcpyDtoDAsync_v2");
IS(cuMemsetD8Async, "cuMemsetD8Async");
IS(cuStreamDestroy, "cuStreamDestroy_v2");
IS(cuEventDestroy, "cuEventDestroy_v2");
IS(cuModuleLoadDataEx, "cuModuleLoadDataEx");
IS(cuLaunchKernel, "cuLaunchKernel");

void take_cublas(tg_cublas *cublas);
void take_cublas(tg_cublas *cublas) {
  cublas->create = cublasCreate_v2;
  cublas->destroy = cublasDestroy_v2;
  cublas->version = cublasGetVersion_v2;
  cublas->set_stream = cublasSetStream_v2;
  cublas->set_workspace = cublasSetWorkspace_v2;
  cublas->set_math_mode = cublasSetMathMode;
  cublas->sgemm = cublasSgemm_v2;
  cublas->sgemm_batched = cublasSgemmStridedBatched;
}

void take_nvrtc(tg_nvrtc *nvrtc);
void take_nvrtc(tg_nvrtc *nvrtc) {
  nvrtc->version = nvrtcVersion;
  nvrtc->error_string = nvrtcGetErrorString;
  nvrtc->architecture_count = nvrtcGetNumSupportedArchs;
  nvrtc->architectures = nvrtcGetSupportedArchs;
  nvrtc->create = nvrtcCreateProgram;
  nvrtc->destroy = nvrtcDestroyProgram;
  nvrtc->compile = nvrtcCompileProgram;
  nvrtc->log_size = nvrtcGetProgramLogSize;
  nvrtc->log = nvrtcGetProgramLog;
  nvrtc->cubin_size = nvrtcGetCUBINSize;
  nvrtc->cubin = nvrtcGetCUBIN;
  nvrtc->ptx_size = nvrtcGetPTXSize;
  nvrtc->ptx = nvrtcGetPTX;
}

#define SAME(ours, theirs) _Static_assert((unsigned)(ours) == (unsigned)(theirs), #theirs)
SAME(TG_CUDA_SUCCESS, CUDA_SUCCESS);
SAME(TG_CUDA_OUT_OF_MEMORY, CUDA_ERROR_OUT_OF_MEMORY);
SAME(TG_CUDA_DEVICE_UNAVAILABLE, CUDA_ERROR_DEVICE_UNAVAILABLE);
SAME(TG_CUDA_NO_DEVICE, CUDA_ERROR_NO_DEVICE);
SAME(TG_CUDA_ECC_UNCORRECTABLE, CUDA_ERROR_ECC_UNCORRECTABLE);
SAME(TG_CUDA_NVLINK_UNCORRECTABLE, CUDA_ERROR_NVLINK_UNCORRECTABLE);
SAME(TG_CUDA_ILLEGAL_ADDRESS, CUDA_ERROR_ILLEGAL_ADDRESS);
SAME(TG_CUDA_LAUNCH_TIMEOUT, CUDA_ERROR_LAUNCH_TIMEOUT);
SAME(TG_CUDA_CONTEXT_IS_DESTROYED, CUDA_ERROR_CONTEXT_IS_DESTROYED);
SAME(TG_CUDA_ASSERT, CUDA_ERROR_ASSERT);
SAME(TG_CUDA_HARDWARE_STACK_ERROR, CUDA_ERROR_HARDWARE_STACK_ERROR);
SAME(TG_CUDA_LAUNCH_FAILED, CUDA_ERROR_LAUNCH_FAILED);
SAME(TG_CUDA_SYSTEM_NOT_READY, CUDA_ERROR_SYSTEM_NOT_READY);
SAME(TG_CUDA_SYSTEM_DRIVER_MISMATCH, CUDA_ERROR_SYSTEM_DRIVER_MISMATCH);
SAME(TG_CUDA_UNKNOWN, CUDA_ERROR_UNKNOWN);
SAME(TG_CUDA_MULTIPROCESSOR_COUNT, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
SAME(TG_CUDA_COMPUTE_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SAME(TG_CUDA_COMPUTE_CAPABILITY_MINOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SAME(TG_CUDA_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER);
SAME(TG_CUDA_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SAME(TG_CUDA_STREAM_NON_BLOCKING, CU_STREAM_NON_BLOCKING);
SAME(TG_CUDA_EVENT_DISABLE_TIMING, CU_EVENT_DISABLE_TIMING);
SAME(TG_CUBLAS_SUCCESS, CUBLAS_STATUS_SUCCESS);
SAME(TG_CUBLAS_NOT_INITIALIZED, CUBLAS_STATUS_NOT_INITIALIZED);
SAME(TG_CUBLAS_ALLOC_FAILED, CUBLAS_STATUS_ALLOC_FAILED);
SAME(TG_CUBLAS_EXECUTION_FAILED, CUBLAS_STATUS_EXECUTION_FAILED);
SAME(TG_CUBLAS_OP_N, CUBLAS_OP_N);
SAME(TG_CUBLAS_OP_T, CUBLAS_OP_T);
SAME(TG_CUBLAS_DEFAULT_MATH, CUBLAS_DEFAULT_MATH);
SAME(TG_CUBLAS_TF32_TENSOR_OP_MATH, CUBLAS_TF32_TENSOR_OP_MATH);

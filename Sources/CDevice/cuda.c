#include "cuda.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* A function's name, and where in the struct its pointer goes. */
typedef struct {
  const char *name;
  size_t offset;
} symbol;

static const symbol driver_symbols[] = {
  {"cuInit", offsetof(tg_cuda_driver, init)},
  {"cuDriverGetVersion", offsetof(tg_cuda_driver, driver_version)},
  {"cuGetErrorName", offsetof(tg_cuda_driver, error_name)},
  {"cuGetErrorString", offsetof(tg_cuda_driver, error_string)},
  {"cuDeviceGetCount", offsetof(tg_cuda_driver, device_count)},
  {"cuDeviceGet", offsetof(tg_cuda_driver, device)},
  {"cuDeviceGetName", offsetof(tg_cuda_driver, device_name)},
  {"cuDeviceGetAttribute", offsetof(tg_cuda_driver, device_attribute)},
  {"cuDeviceTotalMem_v2", offsetof(tg_cuda_driver, device_memory)},
  {"cuDevicePrimaryCtxRetain", offsetof(tg_cuda_driver, context_retain)},
  {"cuDevicePrimaryCtxRelease_v2", offsetof(tg_cuda_driver, context_release)},
  {"cuCtxSetCurrent", offsetof(tg_cuda_driver, context_set_current)},
  {"cuMemGetInfo_v2", offsetof(tg_cuda_driver, memory_info)},
  {"cuMemAlloc_v2", offsetof(tg_cuda_driver, memory_allocate)},
  {"cuMemFree_v2", offsetof(tg_cuda_driver, memory_free)},
  {"cuMemHostAlloc", offsetof(tg_cuda_driver, host_allocate)},
  {"cuMemFreeHost", offsetof(tg_cuda_driver, host_free)},
  {"cuMemcpyHtoDAsync_v2", offsetof(tg_cuda_driver, copy_to_device)},
  {"cuMemcpyDtoHAsync_v2", offsetof(tg_cuda_driver, copy_to_host)},
  {"cuMemcpyDtoDAsync_v2", offsetof(tg_cuda_driver, copy_on_device)},
  {"cuMemsetD8Async", offsetof(tg_cuda_driver, set_bytes)},
  {"cuStreamCreate", offsetof(tg_cuda_driver, stream_create)},
  {"cuStreamDestroy_v2", offsetof(tg_cuda_driver, stream_destroy)},
  {"cuStreamSynchronize", offsetof(tg_cuda_driver, stream_wait)},
  {"cuEventCreate", offsetof(tg_cuda_driver, event_create)},
  {"cuEventDestroy_v2", offsetof(tg_cuda_driver, event_destroy)},
  {"cuEventRecord", offsetof(tg_cuda_driver, event_record)},
  {"cuEventSynchronize", offsetof(tg_cuda_driver, event_wait)},
  {"cuModuleLoadDataEx", offsetof(tg_cuda_driver, module_load)},
  {"cuModuleUnload", offsetof(tg_cuda_driver, module_unload)},
  {"cuModuleGetFunction", offsetof(tg_cuda_driver, module_function)},
  {"cuLaunchKernel", offsetof(tg_cuda_driver, launch)},
};

static const symbol cublas_symbols[] = {
  {"cublasCreate_v2", offsetof(tg_cublas, create)},
  {"cublasDestroy_v2", offsetof(tg_cublas, destroy)},
  {"cublasGetVersion_v2", offsetof(tg_cublas, version)},
  {"cublasSetStream_v2", offsetof(tg_cublas, set_stream)},
  {"cublasSetWorkspace_v2", offsetof(tg_cublas, set_workspace)},
  {"cublasSetMathMode", offsetof(tg_cublas, set_math_mode)},
  {"cublasSgemm_v2", offsetof(tg_cublas, sgemm)},
  {"cublasSgemmStridedBatched", offsetof(tg_cublas, sgemm_batched)},
};

static const symbol nvrtc_symbols[] = {
  {"nvrtcVersion", offsetof(tg_nvrtc, version)},
  {"nvrtcGetErrorString", offsetof(tg_nvrtc, error_string)},
  {"nvrtcGetNumSupportedArchs", offsetof(tg_nvrtc, architecture_count)},
  {"nvrtcGetSupportedArchs", offsetof(tg_nvrtc, architectures)},
  {"nvrtcCreateProgram", offsetof(tg_nvrtc, create)},
  {"nvrtcDestroyProgram", offsetof(tg_nvrtc, destroy)},
  {"nvrtcCompileProgram", offsetof(tg_nvrtc, compile)},
  {"nvrtcGetProgramLogSize", offsetof(tg_nvrtc, log_size)},
  {"nvrtcGetProgramLog", offsetof(tg_nvrtc, log)},
  {"nvrtcGetCUBINSize", offsetof(tg_nvrtc, cubin_size)},
  {"nvrtcGetCUBIN", offsetof(tg_nvrtc, cubin)},
  {"nvrtcGetPTXSize", offsetof(tg_nvrtc, ptx_size)},
  {"nvrtcGetPTX", offsetof(tg_nvrtc, ptx)},
};

/* Fills the struct, whose first member is the handle. */
static const char *load(
  const char *file, const symbol *symbols, size_t count, void *out, size_t bytes) {
  static _Thread_local char problem[200];
  memset(out, 0, bytes);
  void *const handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return dlerror();
  for (size_t i = 0; i < count; i++) {
    void *const function = dlsym(handle, symbols[i].name);
    if (!function) {
      snprintf(problem, sizeof problem, "%s: it lacks the function %s", file, symbols[i].name);
      memset(out, 0, bytes);
      dlclose(handle);
      return problem;
    }
    memcpy((char *)out + symbols[i].offset, &function, sizeof function);
  }
  memcpy(out, &handle, sizeof handle);
  return NULL;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *tg_cuda_load_driver(const char *file, tg_cuda_driver *out) {
  return load(file, driver_symbols, COUNT(driver_symbols), out, sizeof *out);
}

const char *tg_cuda_load_cublas(const char *file, tg_cublas *out) {
  return load(file, cublas_symbols, COUNT(cublas_symbols), out, sizeof *out);
}

const char *tg_cuda_load_nvrtc(const char *file, tg_nvrtc *out) {
  return load(file, nvrtc_symbols, COUNT(nvrtc_symbols), out, sizeof *out);
}

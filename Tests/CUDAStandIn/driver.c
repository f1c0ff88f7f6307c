#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stand_in.h"

_Thread_local tg_cuda_context standin_current;
int standin_references, standin_handles, standin_programs;

int standin_streams, standin_events, standin_modules, standin_host_pieces;
static bool is_initialized;
static int context_value;
static const tg_cuda_context the_context = (tg_cuda_context)&context_value;

static bool is_device(int device) { return 0 <= device && device < standin_settings.devices; }

/* -- The driver and its devices -- */

DRIVER(cuInit, init);
unsigned cuInit(unsigned flags) {
  unsigned status = standin_enter("cuInit", "%u", flags);
  if (!status && standin_settings.devices == 0) status = TG_CUDA_NO_DEVICE;
  is_initialized = !status;
  return standin_leave(status);
}

DRIVER(cuDriverGetVersion, driver_version);
unsigned cuDriverGetVersion(int *version) {
  const unsigned status = standin_enter("cuDriverGetVersion", "%s", "");
  *version = standin_settings.driver;
  return standin_leave(status);
}

DRIVER(cuGetErrorName, error_name);
unsigned cuGetErrorName(unsigned error, const char **name) {
  *name = error == 2       ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == 46    ? "CUDA_ERROR_DEVICE_UNAVAILABLE"
          : error == 100   ? "CUDA_ERROR_NO_DEVICE"
          : error == 209   ? "CUDA_ERROR_NO_BINARY_FOR_GPU"
          : error == 214   ? "CUDA_ERROR_ECC_UNCORRECTABLE"
          : error == 222   ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
          : error == 500   ? "CUDA_ERROR_NOT_FOUND"
          : error == 700   ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : error == 719   ? "CUDA_ERROR_LAUNCH_FAILED"
          : error == 803   ? "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"
                           : NULL;
  return *name ? 0 : 1;
}

DRIVER(cuGetErrorString, error_string);
unsigned cuGetErrorString(unsigned error, const char **text) {
  *text = error == 719   ? "unspecified launch failure"
          : error == 700 ? "an illegal memory access was encountered"
          : error == 100 ? "no CUDA-capable device is detected"
                         : NULL;
  return *text ? 0 : 1;
}

DRIVER(cuDeviceGetCount, device_count);
unsigned cuDeviceGetCount(int *count) {
  const unsigned status = standin_enter("cuDeviceGetCount", "%s", "");
  *count = standin_settings.devices;
  return standin_leave(is_initialized ? status : 3 /* CUDA_ERROR_NOT_INITIALIZED */);
}

DRIVER(cuDeviceGet, device);
unsigned cuDeviceGet(int *device, int ordinal) {
  const unsigned status = standin_enter("cuDeviceGet", "%d", ordinal);
  *device = ordinal;
  return standin_leave(status ? status : is_device(ordinal) ? 0 : 101);
}

DRIVER(cuDeviceGetName, device_name);
unsigned cuDeviceGetName(char *name, int length, int device) {
  const unsigned status = standin_enter("cuDeviceGetName", "%d", device);
  snprintf(name, length, "Stand-in %d", device);
  return standin_leave(status ? status : is_device(device) ? 0 : 101);
}

DRIVER(cuDeviceGetAttribute, device_attribute);
unsigned cuDeviceGetAttribute(int *value, unsigned attribute, int device) {
  const unsigned status = standin_enter("cuDeviceGetAttribute", "%u %d", attribute, device);
  switch (attribute) {
    case TG_CUDA_MULTIPROCESSOR_COUNT: *value = 2; break;
    case TG_CUDA_COMPUTE_CAPABILITY_MAJOR: *value = standin_settings.capability_major; break;
    case TG_CUDA_COMPUTE_CAPABILITY_MINOR: *value = standin_settings.capability_minor; break;
    default: return standin_leave(1);
  }
  return standin_leave(status ? status : is_device(device) ? 0 : 101);
}

DRIVER(cuDeviceTotalMem_v2, device_memory);
unsigned cuDeviceTotalMem_v2(size_t *bytes, int device) {
  const unsigned status = standin_enter("cuDeviceTotalMem_v2", "%d", device);
  *bytes = standin_settings.memory;
  return standin_leave(status ? status : is_device(device) ? 0 : 101);
}

/* -- Contexts -- */

DRIVER(cuDevicePrimaryCtxRetain, context_retain);
unsigned cuDevicePrimaryCtxRetain(tg_cuda_context *context, int device) {
  const unsigned status = standin_enter("cuDevicePrimaryCtxRetain", "%d", device);
  if (!status) {
    standin_references++;
    *context = the_context;
  }
  return standin_leave(status);
}

DRIVER(cuDevicePrimaryCtxRelease_v2, context_release);
unsigned cuDevicePrimaryCtxRelease_v2(int device) {
  const unsigned status = standin_enter("cuDevicePrimaryCtxRelease_v2", "%d", device);
  if (standin_references == 0) {
    standin_complain("a context is released that nobody holds");
    return standin_leave(201);
  }
  if (--standin_references == 0) {
    standin_complain_of_memory();
    if (standin_streams) standin_complain("%d streams were not destroyed", standin_streams);
    if (standin_events) standin_complain("%d events were not destroyed", standin_events);
    if (standin_modules) standin_complain("%d modules were not unloaded", standin_modules);
    if (standin_host_pieces) standin_complain("%d pieces of host memory were not given back", standin_host_pieces);
    if (standin_handles) standin_complain("%d handles of cuBLAS were not destroyed", standin_handles);
    standin_lost = 0;
  }
  return standin_leave(status);
}

DRIVER(cuCtxSetCurrent, context_set_current);
unsigned cuCtxSetCurrent(tg_cuda_context context) {
  /* Comes before every call, and is recorded for none of them. */
  if (context != the_context || !standin_references) {
    standin_complain("a context is made current that is not there");
    return 201;
  }
  standin_current = context;
  return 0;
}

int standin_live(void) {
  int pieces = standin_bytes_used() > 0;
  return standin_references + standin_streams + standin_events + standin_modules + standin_host_pieces
    + standin_handles + standin_programs + pieces;
}

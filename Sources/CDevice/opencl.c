#include "opencl.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The first name that a library lacks. */
static _Thread_local char problem[256];

/* A function of a library, stored where `place` points; POSIX has dlsym's object pointers stand for functions. */
static int find(void *handle, const char *name, void *place) {
  void *const function = dlsym(handle, name);
  if (!function) {
    snprintf(problem, sizeof problem, "it lacks %s", name);
    return 0;
  }
  memcpy(place, &function, sizeof function);
  return 1;
}

const char *tg_opencl_load(const char *file, tg_opencl *out) {
  memset(out, 0, sizeof *out);
  void *const handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return dlerror();
  const struct {
    const char *name;
    void *place;
  } functions[] = {
    {"clGetPlatformIDs", &out->get_platforms},
    {"clGetPlatformInfo", &out->get_platform_info},
    {"clGetDeviceIDs", &out->get_devices},
    {"clGetDeviceInfo", &out->get_device_info},
    {"clCreateContext", &out->create_context},
    {"clReleaseContext", &out->release_context},
    {"clCreateCommandQueue", &out->create_queue},
    {"clReleaseCommandQueue", &out->release_queue},
    {"clCreateProgramWithSource", &out->create_program},
    {"clBuildProgram", &out->build_program},
    {"clGetProgramBuildInfo", &out->get_build_info},
    {"clReleaseProgram", &out->release_program},
    {"clCreateKernel", &out->create_kernel},
    {"clReleaseKernel", &out->release_kernel},
    {"clSetKernelArg", &out->set_argument},
    {"clEnqueueNDRangeKernel", &out->enqueue_kernel},
    {"clCreateBuffer", &out->create_buffer},
    {"clReleaseMemObject", &out->release_buffer},
    {"clEnqueueReadBuffer", &out->enqueue_read},
    {"clEnqueueWriteBuffer", &out->enqueue_write},
    {"clEnqueueCopyBuffer", &out->enqueue_copy},
    {"clEnqueueFillBuffer", &out->enqueue_fill},
    {"clFlush", &out->flush},
    {"clFinish", &out->finish},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (!find(handle, functions[i].name, functions[i].place)) return problem;
  return NULL;
}

const char *tg_clblast_load(const char *file, tg_clblast *out) {
  memset(out, 0, sizeof *out);
  void *const handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!handle) return dlerror();
  if (!find(handle, "CLBlastSgemm", &out->sgemm)) return problem;
  if (!find(handle, "CLBlastSgemmStridedBatched", &out->sgemm_strided_batched)) return problem;
  return NULL;
}

/* Modules and launches. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stand_in.h"
#include "../../Sources/DeviceKernels/include/device_kernels.h"

struct CUmod_st {
  bool is_there;
};
struct CUfunc_st {
  tg_cuda_module module;
  tgk_kernel kernel;
};

DRIVER(cuModuleLoadDataEx, module_load);
unsigned cuModuleLoadDataEx(
  tg_cuda_module *module, const void *image, unsigned count, unsigned *options, void **values) {
  unsigned status = standin_enter_context("cuModuleLoadDataEx", "%.24s", (const char *)image);
  char *log = NULL;
  size_t log_bytes = 0;
  for (unsigned i = 0; i < count; i++) {
    if (options[i] == TG_CUDA_JIT_ERROR_LOG_BUFFER) log = values[i];
    if (options[i] == TG_CUDA_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) log_bytes = (size_t)values[i];
  }
  /* As nvrtc.c writes it. */
  int architecture = 0;
  const int capability =
    10 * standin_settings.capability_major + standin_settings.capability_minor;
  if (sscanf(image, "CUBIN sm_%d", &architecture) == 1) {
    if (architecture > capability || architecture / 10 != standin_settings.capability_major)
      status = status ? status : 209; /* CUDA_ERROR_NO_BINARY_FOR_GPU */
  } else if (sscanf(image, "PTX compute_%d", &architecture) == 1) {
    const int needed = 1000 * standin_settings.nvrtc_major + 10 * standin_settings.nvrtc_minor;
    if (standin_settings.driver < needed) {
      if (log) snprintf(log, log_bytes, "ptxas fatal: unsupported PTX version");
      status = status ? status : 222; /* CUDA_ERROR_UNSUPPORTED_PTX_VERSION */
    }
  } else {
    status = status ? status : 200; /* CUDA_ERROR_INVALID_IMAGE */
  }
  if (!status) {
    *module = malloc(sizeof **module);
    (*module)->is_there = true;
    standin_modules++;
  }
  return standin_leave(status);
}

DRIVER(cuModuleUnload, module_unload);
unsigned cuModuleUnload(tg_cuda_module module) {
  standin_enter("cuModuleUnload", "%s", "");
  standin_drain();
  if (!module->is_there) {
    standin_complain("a module is unloaded that is not there");
    return standin_leave(400);
  }
  module->is_there = false;
  standin_modules--;
  return standin_leave(standin_lost);
}

DRIVER(cuModuleGetFunction, module_function);
unsigned cuModuleGetFunction(tg_cuda_function *function, tg_cuda_module module, const char *name) {
  const unsigned status = standin_enter_context("cuModuleGetFunction", "%s", name);
  for (size_t i = 0; !status && i < tgk_kernel_count(); i++) {
    if (strcmp(tgk_kernel_at(i).name, name) != 0) continue;
    *function = malloc(sizeof **function);
    **function = (struct CUfunc_st){module, tgk_kernel_at(i)};
    return standin_leave(0);
  }
  return standin_leave(status ? status : 500 /* CUDA_ERROR_NOT_FOUND */);
}

enum { most_values = 64 };
typedef struct {
  standin_operation operation;
  const char *name;
  size_t groups[3], items[3];
  unsigned long long values[most_values];
  int result;
} launch_operation;

static void run_kernel(void *context) {
  launch_operation *const l = context;
  void *arguments[most_values];
  for (int i = 0; i < most_values; i++) arguments[i] = &l->values[i];
  l->result = tgk_launch(l->name, l->groups, l->items, arguments);
}

static unsigned run_launch(standin_operation *operation) {
  launch_operation *const l = (launch_operation *)operation;
  const unsigned status = standin_guarded(run_kernel, l);
  if (status) standin_complain("%s touches memory that is not there", l->name);
  if (!status && l->result) {
    standin_complain("%s cannot be launched: %d", l->name, l->result);
    return TG_CUDA_LAUNCH_FAILED;
  }
  return status;
}

/* Copies the values of the arguments, as the driver does, and checks the buffers. */
static bool take(launch_operation *l, const char *letters, void **arguments) {
  int count = 0;
  for (const char *letter = letters; *letter; letter++) {
    if (count + 2 > most_values) return false;
    if (*letter == 'b') {
      memcpy(&l->values[count], arguments[count], 8);
      memcpy(&l->values[count + 1], arguments[count + 1], 8);
      const tg_cuda_address address = l->values[count];
      const size_t there = standin_bytes_from(address, l->name);
      /* No element is smaller than 4 bytes. */
      if (!there || l->values[count + 1] > there / 4) {
        if (there) standin_complain("%s: an offset is beyond the end of its buffer", l->name);
        return false;
      }
      count += 2;
    } else {
      memcpy(&l->values[count], arguments[count], *letter == 'l' ? 8 : 4);
      count++;
    }
  }
  return true;
}

DRIVER(cuLaunchKernel, launch);
unsigned cuLaunchKernel(
  tg_cuda_function function, unsigned groups_x, unsigned groups_y, unsigned groups_z,
  unsigned items_x, unsigned items_y, unsigned items_z, unsigned shared_bytes, tg_cuda_stream stream,
  void **arguments, void **extra) {
  unsigned status = standin_enter_context(
    "cuLaunchKernel", "%s [%u %u %u] x [%u %u %u]", function->kernel.name, groups_x, groups_y,
    groups_z, items_x, items_y, items_z);
  status = standin_check_stream(status, stream, "cuLaunchKernel");
  if (!status && !function->module->is_there) {
    standin_complain("%s is launched after its module was unloaded", function->kernel.name);
    status = 400;
  }
  if (!status && groups_x && groups_y && groups_z && groups_y <= 65535 && groups_z <= 65535
      && items_x * items_y * items_z <= 1024 && !shared_bytes && !extra) {
    launch_operation *const l = calloc(1, sizeof *l);
    l->operation.run = run_launch;
    l->name = function->kernel.name;
    memcpy(l->groups, (size_t[]){groups_x, groups_y, groups_z}, sizeof l->groups);
    memcpy(l->items, (size_t[]){items_x, items_y, items_z}, sizeof l->items);
    if (take(l, function->kernel.arguments, arguments)) {
      standin_push(&l->operation);
    } else {
      free(l);
      status = 1;
    }
  } else if (!status) {
    status = 1; /* CUDA_ERROR_INVALID_VALUE */
  }
  return standin_leave(status);
}

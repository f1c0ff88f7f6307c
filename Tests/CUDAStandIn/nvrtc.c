#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stand_in.h"
#include "../../Sources/DeviceKernels/include/device_kernels.h"

#define NVRTC(name, member) __typeof__(*((tg_nvrtc *)0)->member) name

struct _nvrtcProgram {
  char *source;
  char log[256], image[64];
};

enum { invalid_option = 5, compilation = 6 };
/* What it compiles for. */
static const int architectures[] = {75, 80, 86, 89, 90};
enum { count = sizeof architectures / sizeof *architectures };

NVRTC(nvrtcVersion, version);
unsigned nvrtcVersion(int *major, int *minor) {
  const unsigned status = standin_enter("nvrtcVersion", "%s", "");
  *major = standin_settings.nvrtc_major;
  *minor = standin_settings.nvrtc_minor;
  return standin_leave(status);
}

NVRTC(nvrtcGetErrorString, error_string);
const char *nvrtcGetErrorString(unsigned result) {
  return result == compilation      ? "NVRTC_ERROR_COMPILATION"
         : result == invalid_option ? "NVRTC_ERROR_INVALID_OPTION"
                                    : "NVRTC_ERROR_INTERNAL_ERROR";
}

NVRTC(nvrtcGetNumSupportedArchs, architecture_count);
unsigned nvrtcGetNumSupportedArchs(int *number) {
  const unsigned status = standin_enter("nvrtcGetNumSupportedArchs", "%s", "");
  *number = count;
  return standin_leave(status);
}

NVRTC(nvrtcGetSupportedArchs, architectures);
unsigned nvrtcGetSupportedArchs(int *numbers) {
  const unsigned status = standin_enter("nvrtcGetSupportedArchs", "%s", "");
  memcpy(numbers, architectures, sizeof architectures);
  return standin_leave(status);
}

NVRTC(nvrtcCreateProgram, create);
unsigned nvrtcCreateProgram(
  tg_nvrtc_program *program, const char *source, const char *name, int header_count,
  const char *const *headers, const char *const *include_names) {
  (void)headers, (void)include_names;
  const unsigned status = standin_enter("nvrtcCreateProgram", "%s %d", name, header_count);
  if (!status) {
    *program = calloc(1, sizeof **program);
    (*program)->source = strdup(source);
    standin_programs++;
  }
  return standin_leave(status);
}

NVRTC(nvrtcDestroyProgram, destroy);
unsigned nvrtcDestroyProgram(tg_nvrtc_program *program) {
  const unsigned status = standin_enter("nvrtcDestroyProgram", "%s", "");
  free((*program)->source);
  free(*program);
  *program = NULL;
  standin_programs--;
  return standin_leave(status);
}

/* Looks for the kernels in the text, and for #error; it does not understand anything else of it. */
static unsigned compile(tg_nvrtc_program program, int option_count, const char *const *options) {
  int architecture = 0;
  const char *form = NULL;
  for (int i = 0; i < option_count; i++) {
    if (sscanf(options[i], "--gpu-architecture=sm_%d", &architecture) == 1)
      form = "CUBIN sm";
    else if (sscanf(options[i], "--gpu-architecture=compute_%d", &architecture) == 1)
      form = "PTX compute";
    else if (strcmp(options[i], "--std=c++17") != 0 && strcmp(options[i], "--fmad=false") != 0)
      return invalid_option;
  }
  bool is_known = false;
  for (int i = 0; i < count; i++) is_known |= architectures[i] == architecture;
  if (!form || !is_known) return invalid_option;
  const char *const error = strstr(program->source, "#error");
  if (error) {
    snprintf(program->log, sizeof program->log, "transfergap.cu: error: %.60s", error);
    return compilation;
  }
  for (size_t i = 0; i < tgk_kernel_count(); i++)
    if (!strstr(program->source, tgk_kernel_at(i).name)) {
      snprintf(program->log, sizeof program->log, "there is no %s", tgk_kernel_at(i).name);
      return compilation;
    }
  snprintf(program->image, sizeof program->image, "%s_%d", form, architecture);
  return 0;
}

NVRTC(nvrtcCompileProgram, compile);
unsigned nvrtcCompileProgram(tg_nvrtc_program program, int option_count, const char *const *options) {
  const unsigned status = standin_enter(
    "nvrtcCompileProgram", "%s, %d options", option_count > 0 ? options[0] : "", option_count);
  return standin_leave(status ? status : compile(program, option_count, options));
}

static unsigned size(const char *text, size_t *bytes) {
  *bytes = strlen(text) + 1;
  return 0;
}

static unsigned get(const char *text, char *copy) {
  strcpy(copy, text);
  return 0;
}

NVRTC(nvrtcGetProgramLogSize, log_size);
unsigned nvrtcGetProgramLogSize(tg_nvrtc_program p, size_t *bytes) { return size(p->log, bytes); }
NVRTC(nvrtcGetProgramLog, log);
unsigned nvrtcGetProgramLog(tg_nvrtc_program p, char *log) { return get(p->log, log); }
NVRTC(nvrtcGetCUBINSize, cubin_size);
unsigned nvrtcGetCUBINSize(tg_nvrtc_program p, size_t *bytes) { return size(p->image, bytes); }
NVRTC(nvrtcGetCUBIN, cubin);
unsigned nvrtcGetCUBIN(tg_nvrtc_program p, char *cubin) { return get(p->image, cubin); }
NVRTC(nvrtcGetPTXSize, ptx_size);
unsigned nvrtcGetPTXSize(tg_nvrtc_program p, size_t *bytes) { return size(p->image, bytes); }
NVRTC(nvrtcGetPTX, ptx);
unsigned nvrtcGetPTX(tg_nvrtc_program p, char *ptx) { return get(p->image, ptx); }

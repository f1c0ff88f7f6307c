/* Compiles the kernels with the real NVRTC, for every architecture that it knows, as Sources/Device/CUDA does; this needs no
 * GPU. Also loads the real cuBLAS, of which every function that is used must be there. Arguments: the files of NVRTC and cuBLAS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../Sources/CDevice/include/cuda.h"
#include "../../Sources/DeviceKernels/include/device_kernels.h"

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

/* The number of a kernel's parameters in PTX, or -1 if it is not there. */
static int parameters(const char *ptx, const char *name) {
  char entry[200];
  snprintf(entry, sizeof entry, ".entry %s(", name);
  const char *start = strstr(ptx, entry);
  if (!start) return -1;
  const char *const end = strchr(start + strlen(entry), ')');
  int count = 0;
  while ((start = strstr(start, ".param")) && start < end) count++, start++;
  return count;
}

static void compile(const tg_nvrtc *nvrtc, const char *form, int architecture) {
  tg_nvrtc_program program;
  char target[60];
  snprintf(target, sizeof target, "--gpu-architecture=%s_%d", form, architecture);
  const char *const options[] = {target, "--std=c++17", "--fmad=false"};
  if (nvrtc->create(&program, tgk_source(), "transfergap.cu", 0, NULL, NULL)) fail(target, "create");
  const double start = seconds();
  const unsigned status = nvrtc->compile(program, 3, options);
  const double took = seconds() - start;
  size_t bytes = 0;
  if (nvrtc->log_size(program, &bytes)) fail(target, "log");
  char *const log = malloc(bytes + 1);
  if (nvrtc->log(program, log)) fail(target, "log");
  if (status) fail(target, log);
  /* A warning is a fault of the text, but for the one that old architectures will go. */
  if (strstr(log, "warning") && !strstr(log, "deprecated")) fail(target, log);
  free(log);
  const int is_ptx = strcmp(form, "compute") == 0;
  if (is_ptx ? nvrtc->ptx_size(program, &bytes) : nvrtc->cubin_size(program, &bytes))
    fail(target, "size");
  char *const image = malloc(bytes);
  if (is_ptx ? nvrtc->ptx(program, image) : nvrtc->cubin(program, image)) fail(target, "image");
  if (!is_ptx && memcmp(image, "\177ELF", 4) != 0) fail(target, "no CUBIN");
  for (size_t i = 0; is_ptx && i < tgk_kernel_count(); i++) {
    const tgk_kernel kernel = tgk_kernel_at(i);
    int expected = 0;
    for (const char *letter = kernel.arguments; *letter; letter++) expected += *letter == 'b' ? 2 : 1;
    const int found = parameters(image, kernel.name);
    if (found != expected) {
      fprintf(stderr, "%s has %d parameters, not %d\n", kernel.name, found, expected);
      exit(1);
    }
  }
  printf("%s_%d: %zu bytes, %.1f s\n", form, architecture, bytes, took);
  free(image);
  nvrtc->destroy(&program);
}

int main(int count, char **arguments) {
  if (count != 3) fail("usage", "compile NVRTC CUBLAS");
  tg_nvrtc nvrtc;
  tg_cublas cublas;
  const char *problem = tg_cuda_load_nvrtc(arguments[1], &nvrtc);
  if (problem) fail("NVRTC", problem);
  problem = tg_cuda_load_cublas(arguments[2], &cublas);
  if (problem) fail("cuBLAS", problem);
  int major = 0, minor = 0, architectures[64], number = 0;
  if (nvrtc.version(&major, &minor) || nvrtc.architecture_count(&number) || number > 64
      || nvrtc.architectures(architectures))
    fail("NVRTC", "it does not say what it is");
  printf("NVRTC %d.%d, %zu kernels\n", major, minor, tgk_kernel_count());
  for (int i = 0; i < number; i++) compile(&nvrtc, "sm", architectures[i]);
  /* For GPUs that are newer than NVRTC. */
  compile(&nvrtc, "compute", architectures[number - 1]);
  return 0;
}

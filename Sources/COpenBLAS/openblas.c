#include "openblas.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char *const thread_settings[] = {"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"};

/* A copy of the environment that asks for one thread and, if `kernel` is not null, for its kernels; null without
 * memory. */
static char **environment_for_loading(const char *kernel) {
  const char *replaced[] = {
    "OPENBLAS_NUM_THREADS=", "GOTO_NUM_THREADS=", "OMP_NUM_THREADS=",
    kernel ? "OPENBLAS_CORETYPE=" : NULL};
  size_t count = 0;
  while (environ && environ[count]) count++;
  char **copy = malloc((count + 4) * sizeof *copy);
  char *choice = NULL;
  if (copy && kernel) {
    const size_t size = sizeof "OPENBLAS_CORETYPE=" + strlen(kernel);
    choice = malloc(size);
    if (choice) snprintf(choice, size, "OPENBLAS_CORETYPE=%s", kernel);
  }
  if (!copy || (kernel && !choice)) {
    free(copy);
    return NULL;
  }
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    int is_replaced = 0;
    for (size_t j = 0; j < sizeof replaced / sizeof *replaced; j++)
      is_replaced |= replaced[j] && strncmp(environ[i], replaced[j], strlen(replaced[j])) == 0;
    if (!is_replaced) copy[used++] = environ[i];
  }
  for (size_t i = 0; i < sizeof thread_settings / sizeof *thread_settings; i++)
    copy[used++] = (char *)thread_settings[i];
  if (choice) copy[used++] = choice;
  copy[used] = NULL;
  return copy;
}

const char *tg_openblas_load(const char *file, const char *kernel, tg_openblas *out) {
  memset(out, 0, sizeof *out);
  /* The library reads the environment while it is loaded: with one thread it starts none, which would each take
   * 128 MB of addresses, and 0.1 s of processor time while they look for work. The whole environment is
   * exchanged, not changed, since another thread may be reading it, and put back, since programs started from here
   * are to find what the user said. It is not freed: that thread may still be reading. */
  char **const users = environ;
  char **const ours = environment_for_loading(kernel);
  if (!ours) return "there is no memory for a copy of the environment";
  environ = ours;
  out->handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  environ = users;
  if (!out->handle) return dlerror();
  out->sgemm = (tg_sgemm)dlsym(out->handle, "cblas_sgemm");
  out->description = (char *(*)(void))dlsym(out->handle, "openblas_get_config");
  out->kernel = (char *(*)(void))dlsym(out->handle, "openblas_get_corename");
  void (*const set_threads)(int) = (void (*)(int))dlsym(out->handle, "openblas_set_num_threads");
  if (!out->sgemm || !out->description || !out->kernel || !set_threads)
    return "it lacks cblas_sgemm, openblas_get_config, openblas_get_corename or openblas_set_num_threads";
  set_threads(1);
  return NULL;
}

void tg_openblas_unload(tg_openblas *library) {
  if (library->handle) dlclose(library->handle);
  memset(library, 0, sizeof *library);
}

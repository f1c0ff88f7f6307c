#include "openmpi.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* MPI_Status of Open MPI 4 and 5. */
typedef struct {
  int source;
  int tag;
  int error;
  int cancelled;
  size_t count;
} status;

/* MPI_THREAD_FUNNELED: only the thread that starts makes calls. */
enum { FUNNELED = 1 };

const char *tg_mpi_load(const char *file, tg_mpi *out) {
  static char problem[512];
  memset(out, 0, sizeof *out);
  /* Global, since the library loads plug-ins that look for its symbols. */
  out->handle = dlopen(file, RTLD_NOW | RTLD_GLOBAL);
  if (!out->handle) return dlerror();
  int (*const version)(char *, int *) =
    (int (*)(char *, int *))dlsym(out->handle, "MPI_Get_library_version");
  if (!version) return "it lacks MPI_Get_library_version";
  /* MPI_MAX_LIBRARY_VERSION_STRING is 256 in Open MPI and 8192 in MPICH. */
  char words[8192] = "";
  int length = 0;
  version(words, &length);
  words[strcspn(words, "\n")] = 0;
  snprintf(out->version, sizeof out->version, "%s", words);
  if (strncmp(words, "Open MPI v4.", 12) != 0 && strncmp(words, "Open MPI v5.", 12) != 0) {
    snprintf(problem, sizeof problem, "it is %.200s, and only Open MPI 4 and 5 have the interface that is needed", words);
    return problem;
  }
  const struct {
    const char *name;
    void **place;
  } symbols[] = {
    {"MPI_Init_thread", (void **)&out->init},
    {"MPI_Comm_rank", (void **)&out->rank},
    {"MPI_Comm_size", (void **)&out->size},
    {"MPI_Get_processor_name", (void **)&out->processor_name},
    {"MPI_Comm_set_errhandler", (void **)&out->set_error_handler},
    {"MPI_Error_string", (void **)&out->error_string},
    {"MPI_Isend", (void **)&out->isend},
    {"MPI_Irecv", (void **)&out->irecv},
    {"MPI_Test", (void **)&out->test},
    {"MPI_Get_count", (void **)&out->get_count},
    {"MPI_Finalize", (void **)&out->finalize},
    {"ompi_mpi_comm_world", &out->world},
    {"ompi_mpi_byte", &out->byte},
    {"ompi_mpi_errors_return", &out->errors_return},
  };
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
    *symbols[i].place = dlsym(out->handle, symbols[i].name);
    if (!*symbols[i].place) {
      snprintf(problem, sizeof problem, "it lacks %s", symbols[i].name);
      return problem;
    }
  }
  return NULL;
}

int tg_mpi_start(const tg_mpi *mpi, int *rank, int *size, char host[TG_MPI_TEXT]) {
  int provided = 0;
  int error = mpi->init(NULL, NULL, FUNNELED, &provided);
  if (!error) error = mpi->set_error_handler(mpi->world, mpi->errors_return);
  if (!error) error = mpi->rank(mpi->world, rank);
  if (!error) error = mpi->size(mpi->world, size);
  int length = 0;
  memset(host, 0, TG_MPI_TEXT);
  if (!error) error = mpi->processor_name(host, &length);
  return error;
}

int tg_mpi_send(const tg_mpi *mpi, const void *bytes, int count, int rank, int tag, void **request) {
  return mpi->isend(bytes, count, mpi->byte, rank, tag, mpi->world, request);
}

int tg_mpi_receive(const tg_mpi *mpi, void *bytes, int count, int rank, int tag, void **request) {
  return mpi->irecv(bytes, count, mpi->byte, rank, tag, mpi->world, request);
}

int tg_mpi_test(const tg_mpi *mpi, void **request, int *is_done, int *rank, int *count) {
  status found;
  memset(&found, 0, sizeof found);
  int error = mpi->test(request, is_done, &found);
  if (!error && *is_done) {
    *rank = found.source;
    error = mpi->get_count(&found, mpi->byte, count);
  }
  return error;
}

int tg_mpi_finish(const tg_mpi *mpi) { return mpi->finalize(); }

void tg_mpi_words(const tg_mpi *mpi, int error, char text[TG_MPI_TEXT]) {
  int length = 0;
  memset(text, 0, TG_MPI_TEXT);
  mpi->error_string(error, text, &length);
}

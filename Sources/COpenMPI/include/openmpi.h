#ifndef TRANSFERGAP_OPENMPI_H
#define TRANSFERGAP_OPENMPI_H

/* Open MPI, loaded only in a process that mpirun or srun has started, so that nobody else needs it.
 *
 * The binary interface is Open MPI's own: its handles are addresses of symbols such as ompi_mpi_comm_world, and its
 * status has the layout below, in versions 4 and 5 alike. Other MPIs have other ones and are refused by name.
 *
 * All calls but the first come from one thread, the one that called tg_mpi_start. */

typedef struct {
  /* What dlopen gave, and the functions in it. */
  void *handle;
  int (*init)(int *, char ***, int, int *);
  int (*rank)(void *, int *);
  int (*size)(void *, int *);
  int (*processor_name)(char *, int *);
  int (*set_error_handler)(void *, void *);
  int (*error_string)(int, char *, int *);
  int (*isend)(const void *, int, void *, int, int, void *, void **);
  int (*irecv)(void *, int, void *, int, int, void *, void **);
  int (*test)(void **, int *, void *);
  int (*get_count)(const void *, void *, int *);
  int (*finalize)(void);
  /* Handles. */
  void *world;
  void *byte;
  void *errors_return;
  /* What the library says of itself. */
  char version[256];
} tg_mpi;

/* Loads the library; initialises nothing.
 *
 * file: as dlopen takes it. out: overwritten. Returns null, or what is wrong, in words that stay valid until the next
 * call. */
const char *tg_mpi_load(const char *file, tg_mpi *out);

/* The length that a buffer for a host's name or an error's words has. */
enum { TG_MPI_TEXT = 512, TG_MPI_ANY_RANK = -1 };

/* Joins the other processes. Returns 0, or MPI's error. */
int tg_mpi_start(const tg_mpi *mpi, int *rank, int *size, char host[TG_MPI_TEXT]);

/* Begin to send to, or to receive from, a rank, or any; the buffer is MPI's until tg_mpi_test says that it is done. */
int tg_mpi_send(const tg_mpi *mpi, const void *bytes, int count, int rank, int tag, void **request);
int tg_mpi_receive(const tg_mpi *mpi, void *bytes, int count, int rank, int tag, void **request);

/* Whether that is done, and if it is, from whom how many bytes came. */
int tg_mpi_test(const tg_mpi *mpi, void **request, int *is_done, int *rank, int *count);

/* Leaves the other processes once all of them do. */
int tg_mpi_finish(const tg_mpi *mpi);

/* An error in MPI's words. */
void tg_mpi_words(const tg_mpi *mpi, int error, char text[TG_MPI_TEXT]);

#endif

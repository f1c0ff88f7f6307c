#ifndef TRANSFERGAP_CUDA_STAND_IN_H
#define TRANSFERGAP_CUDA_STAND_IN_H

/* A stand-in for NVIDIA's driver, cuBLAS and NVRTC on machines without a GPU: one shared library under their three names, built by
 * build.sh. It computes (kernels as compiled as C, products in a plain loop), records every call, and complains of what
 * the real ones forbid and may not notice: memory given back twice or never, used after that or beyond its end, a thread
 * without a context, handles of something that is gone.
 *
 * As on a GPU, what goes through a stream is done later: at the latest when somebody waits for it. Memory that was not written holds
 * NaNs. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "../../Sources/CDevice/include/cuda.h"

/* -- record.c: what happened, and what shall go wrong -- */

/* Every call is made between these two; returns the status to fail with, or 0. */
unsigned standin_enter(const char *function, const char *format, ...)
  __attribute__((format(printf, 2, 3)));
unsigned standin_leave(unsigned status);
/* The same for what needs a context that is current on the thread and not lost. */
unsigned standin_enter_context(const char *function, const char *format, ...)
  __attribute__((format(printf, 2, 3)));
void standin_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Whether the next one of a kind shall fail, and with what. */
unsigned standin_failure(const char *function);
/* The error after which the context is of no use, or 0. */
extern unsigned standin_lost;
/* What the machine has; see standin_configure. */
extern struct standin_settings {
  int devices, capability_major, capability_minor, driver, nvrtc_major, nvrtc_minor, cublas;
  size_t memory;
} standin_settings;

/* -- memory.c: memory of the device, which is this process' -- */

/* 0 if there is no room. */
tg_cuda_address standin_allocate(size_t bytes);
/* False, after a complaint, if it is not there. */
bool standin_free(tg_cuda_address address);
/* Whether all of it is in one piece of memory that is there; complains if not. */
bool standin_is_in_memory(tg_cuda_address address, size_t bytes, const char *who);
/* How many bytes there are from the address to the end of its piece of memory; complains if it is in none. */
size_t standin_bytes_from(tg_cuda_address address, const char *who);
size_t standin_bytes_used(void);
/* A piece of memory's number, for the record, and the distance from its beginning; "?" if it is none. Valid until the
 * fourth call from here. */
const char *standin_place(tg_cuda_address address);
/* Complains of all pieces that are still there. */
void standin_complain_of_memory(void);

/* -- operations.c: what is to be done, in order -- */

typedef struct standin_operation {
  struct standin_operation *next;
  /* Does it; returns a status. */
  unsigned (*run)(struct standin_operation *operation);
} standin_operation;

/* Takes over the operation. */
void standin_push(standin_operation *operation);
/* Does all that was asked for; returns what went wrong with any of it. */
unsigned standin_drain(void);
/* How many operations were asked for, and how many are done. */
extern unsigned long standin_asked, standin_done;
/* Runs a function of the operation's, in which touching memory that is not there gives an error instead of a crash. */
unsigned standin_guarded(void (*body)(void *), void *context);

/* -- driver.c, transfers.c, streams.c, kernels.c -- */

/* Each function has the type that the loader's table gives it. */
#define DRIVER(name, member) __typeof__(*((tg_cuda_driver *)0)->member) name

extern _Thread_local tg_cuda_context standin_current;
bool standin_is_stream(tg_cuda_stream stream);
/* The status, or if that is 0 what is wrong with the stream. */
unsigned standin_check_stream(unsigned status, tg_cuda_stream stream, const char *who);
/* A number above 0 while the context is there. */
extern int standin_references;
/* How many of each are there; handles are cuBLAS's, programs NVRTC's. */
extern int standin_streams, standin_events, standin_modules, standin_host_pieces;
extern int standin_handles, standin_programs;

/* -- For tests -- */

/* Sets what the machine has and what goes wrong, by words separated by blanks: devices=1 capability=9.0 driver=12040
 * nvrtc=12.4 cublas=120400 memory=BYTES; fail=FUNCTION:N:STATUS lets the N-th call from now on fail, where FUNCTION may be
 * "execution", of the N-th operation of the stream; none of them may have blanks. Null or a word that is not known sets nothing
 * and returns false. At first it is what the environment variable CUDA_STAND_IN says. */
bool standin_configure(const char *words);
/* All calls so far, one per line; valid until the next call of it. */
const char *standin_record(void);
void standin_forget_record(void);
/* All complaints, one per line; empty if there are none. */
const char *standin_complaints(void);
/* The number of things that are there: references to the context, pieces of memory, streams, events, modules, handles,
 * programs, pieces of host memory. */
int standin_live(void);

#endif

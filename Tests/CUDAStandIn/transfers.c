/* Memory and copies, as calls of the driver. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stand_in.h"

/* -- Memory -- */

DRIVER(cuMemGetInfo_v2, memory_info);
unsigned cuMemGetInfo_v2(size_t *free, size_t *total) {
  const unsigned status = standin_enter_context("cuMemGetInfo_v2", "%s", "");
  *total = standin_settings.memory;
  *free = standin_settings.memory - standin_bytes_used();
  return standin_leave(status);
}

DRIVER(cuMemAlloc_v2, memory_allocate);
unsigned cuMemAlloc_v2(tg_cuda_address *address, size_t bytes) {
  unsigned status = standin_enter_context("cuMemAlloc_v2", "%zu", bytes);
  if (!status && bytes == 0) status = 1;
  if (!status && !(*address = standin_allocate(bytes))) status = TG_CUDA_OUT_OF_MEMORY;
  return standin_leave(status);
}

DRIVER(cuMemFree_v2, memory_free);
unsigned cuMemFree_v2(tg_cuda_address address) {
  unsigned status = standin_enter("cuMemFree_v2", "%s", standin_place(address));
  if (!standin_current || !standin_references) {
    standin_complain("cuMemFree_v2 on a thread without a context");
    return standin_leave(201);
  }
  /* It waits for what uses the memory. After a lost device it fails, but here the memory goes all the same. */
  const unsigned lost = standin_drain();
  if (!standin_free(address)) status = 1;
  return standin_leave(lost ? lost : status);
}

typedef struct host_piece {
  struct host_piece *next;
  char *start;
  size_t bytes;
} host_piece;
static host_piece *host_pieces;

DRIVER(cuMemHostAlloc, host_allocate);
unsigned cuMemHostAlloc(void **pointer, size_t bytes, unsigned flags) {
  const unsigned status = standin_enter_context("cuMemHostAlloc", "%zu %u", bytes, flags);
  if (!status) {
    host_piece *const piece = malloc(sizeof *piece);
    *piece = (host_piece){host_pieces, malloc(bytes), bytes};
    host_pieces = piece;
    *pointer = piece->start;
    standin_host_pieces++;
  }
  return standin_leave(status);
}

DRIVER(cuMemFreeHost, host_free);
unsigned cuMemFreeHost(void *pointer) {
  const unsigned status = standin_enter("cuMemFreeHost", "%s", "");
  for (host_piece **link = &host_pieces; *link; link = &(*link)->next) {
    host_piece *const piece = *link;
    if (piece->start != pointer) continue;
    *link = piece->next;
    free(piece->start);
    free(piece);
    standin_host_pieces--;
    return standin_leave(status);
  }
  standin_complain("host memory is given back that is not there");
  return standin_leave(1);
}

static bool is_pinned(const char *pointer, size_t bytes) {
  for (const host_piece *p = host_pieces; p; p = p->next)
    if (p->start <= pointer && pointer + bytes <= p->start + p->bytes) return true;
  return false;
}

/* -- Copies -- */

typedef struct {
  standin_operation operation;
  char *target;
  const char *source;
  size_t bytes;
  /* A copy of the source. */
  char staged[];
} copy_operation;

static unsigned copy(standin_operation *operation) {
  const copy_operation *const c = (copy_operation *)operation;
  memmove(c->target, c->source ? c->source : c->staged, c->bytes);
  return 0;
}

/* source: null if `staged` is to be copied at once. */
static void push_copy(void *target, const void *source, const void *staged, size_t bytes) {
  copy_operation *const c = malloc(sizeof *c + (staged ? bytes : 0));
  c->operation.run = copy;
  c->target = target;
  c->source = source;
  c->bytes = bytes;
  if (staged) memcpy(c->staged, staged, bytes);
  standin_push(&c->operation);
}

static char *host(tg_cuda_address address) { return (char *)(uintptr_t)address; }

DRIVER(cuMemcpyHtoDAsync_v2, copy_to_device);
unsigned cuMemcpyHtoDAsync_v2(
  tg_cuda_address target, const void *source, size_t bytes, tg_cuda_stream stream) {
  const char *const name = "cuMemcpyHtoDAsync_v2";
  unsigned status = standin_enter_context(name, "%s %zu", standin_place(target), bytes);
  status = standin_check_stream(status, stream, name);
  if (!status && !standin_is_in_memory(target, bytes, name)) status = 1;
  /* Pinned memory is read when its turn comes, other memory before the call returns. */
  if (!status) {
    const bool pinned = is_pinned(source, bytes);
    push_copy(host(target), pinned ? source : NULL, pinned ? NULL : source, bytes);
  }
  return standin_leave(status);
}

DRIVER(cuMemcpyDtoHAsync_v2, copy_to_host);
unsigned cuMemcpyDtoHAsync_v2(
  void *target, tg_cuda_address source, size_t bytes, tg_cuda_stream stream) {
  const char *const name = "cuMemcpyDtoHAsync_v2";
  unsigned status = standin_enter_context(name, "%s %zu", standin_place(source), bytes);
  status = standin_check_stream(status, stream, name);
  if (!status && !standin_is_in_memory(source, bytes, name)) status = 1;
  if (!status) push_copy(target, host(source), NULL, bytes);
  return standin_leave(status);
}

DRIVER(cuMemcpyDtoDAsync_v2, copy_on_device);
unsigned cuMemcpyDtoDAsync_v2(
  tg_cuda_address target, tg_cuda_address source, size_t bytes, tg_cuda_stream stream) {
  const char *const name = "cuMemcpyDtoDAsync_v2";
  unsigned status = standin_enter_context(
    name, "%s %s %zu", standin_place(target), standin_place(source), bytes);
  status = standin_check_stream(status, stream, name);
  if (!status
      && (!standin_is_in_memory(target, bytes, name) || !standin_is_in_memory(source, bytes, name)))
    status = 1;
  if (!status && target < source + bytes && source < target + bytes) {
    standin_complain("%s: source and target overlap", name);
    status = 1;
  }
  if (!status) push_copy(host(target), host(source), NULL, bytes);
  return standin_leave(status);
}

typedef struct {
  standin_operation operation;
  char *target;
  size_t bytes;
  unsigned char value;
} set_operation;

static unsigned set(standin_operation *operation) {
  const set_operation *const s = (set_operation *)operation;
  memset(s->target, s->value, s->bytes);
  return 0;
}

DRIVER(cuMemsetD8Async, set_bytes);
unsigned cuMemsetD8Async(
  tg_cuda_address target, unsigned char value, size_t bytes, tg_cuda_stream stream) {
  const char *const name = "cuMemsetD8Async";
  unsigned status = standin_enter_context(name, "%s %u %zu", standin_place(target), value, bytes);
  status = standin_check_stream(status, stream, name);
  if (!status && !standin_is_in_memory(target, bytes, name)) status = 1;
  if (!status) {
    set_operation *const s = malloc(sizeof *s);
    *s = (set_operation){{NULL, set}, host(target), bytes, value};
    standin_push(&s->operation);
  }
  return standin_leave(status);
}

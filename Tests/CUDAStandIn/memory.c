#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "stand_in.h"

/* A piece ends at a page that nobody may touch, so that whatever reads beyond it is found out. */
typedef struct piece {
  struct piece *next;
  int number;
  char *pages;
  size_t page_bytes;
  char *start;
  size_t bytes;
} piece;

static piece *pieces;
static int last_number;
static size_t bytes_used;
enum { page = 4096, alignment = 16, filler = 0xFF };

tg_cuda_address standin_allocate(size_t bytes) {
  if (bytes_used + bytes > standin_settings.memory) return 0;
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  const size_t inner = (rounded + page - 1) / page * page;
  char *const pages =
    mmap(NULL, inner + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  piece *const new = malloc(sizeof *new);
  if (pages == MAP_FAILED || !new) return 0;
  mprotect(pages + inner, page, PROT_NONE);
  memset(pages, filler, inner);
  *new = (piece){pieces, ++last_number, pages, inner + page, pages + inner - rounded, bytes};
  pieces = new;
  bytes_used += bytes;
  return (tg_cuda_address)(uintptr_t)new->start;
}

static piece *find(tg_cuda_address address) {
  for (piece *p = pieces; p; p = p->next)
    if ((uintptr_t)p->start <= address && address < (uintptr_t)p->start + p->bytes) return p;
  return NULL;
}

static void check_edges(const piece *p) {
  const char *const end = p->pages + p->page_bytes - page;
  for (const char *c = p->pages; c < end; c++)
    if ((c < p->start || c >= p->start + p->bytes) && (unsigned char)*c != filler) {
      standin_complain("something was written beside #%d", p->number);
      return;
    }
}

bool standin_free(tg_cuda_address address) {
  for (piece **link = &pieces; *link; link = &(*link)->next) {
    piece *const p = *link;
    if ((uintptr_t)p->start != address) continue;
    check_edges(p);
    bytes_used -= p->bytes;
    *link = p->next;
    munmap(p->pages, p->page_bytes);
    free(p);
    return true;
  }
  standin_complain("memory is given back that is not there: %llx", address);
  return false;
}

size_t standin_bytes_from(tg_cuda_address address, const char *who) {
  const piece *const p = find(address);
  if (!p) {
    standin_complain("%s: there is no memory at %llx", who, address);
    return 0;
  }
  return (uintptr_t)p->start + p->bytes - address;
}

bool standin_is_in_memory(tg_cuda_address address, size_t bytes, const char *who) {
  const size_t there = standin_bytes_from(address, who);
  if (there && bytes <= there) return true;
  if (there)
    standin_complain("%s: %zu bytes from %s are beyond its end", who, bytes, standin_place(address));
  return false;
}

size_t standin_bytes_used(void) { return bytes_used; }

const char *standin_place(tg_cuda_address address) {
  static _Thread_local char texts[4][40];
  static _Thread_local unsigned next;
  char *const text = texts[next++ % 4];
  const piece *const p = find(address);
  if (!p)
    strcpy(text, "?");
  else if (address == (uintptr_t)p->start)
    snprintf(text, sizeof texts[0], "#%d", p->number);
  else
    snprintf(
      text, sizeof texts[0], "#%d+%llu", p->number, address - (unsigned long long)(uintptr_t)p->start);
  return text;
}

void standin_complain_of_memory(void) {
  for (const piece *p = pieces; p; p = p->next)
    standin_complain("#%d (%zu bytes) was not given back", p->number, p->bytes);
}

#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stand_in.h"

struct standin_settings standin_settings = {
  .devices = 1, .capability_major = 9, .capability_minor = 0, .driver = 12040, .nvrtc_major = 12,
  .nvrtc_minor = 4, .cublas = 120405, .memory = (size_t)8 << 30};
unsigned standin_lost;

/* One call at a time, so that the record has an order. */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char *record, *complaints;
static size_t record_used, record_size, complaints_used, complaints_size;

typedef struct {
  char function[64];
  long calls_left;
  unsigned status;
} failure;
static failure failures[8];
static int failure_count;

static void append(char **text, size_t *used, size_t *size, const char *format, va_list values) {
  char line[512];
  int length = vsnprintf(line, sizeof line - 1, format, values);
  if (length < 0) return;
  if (length > (int)sizeof line - 2) length = sizeof line - 2;
  line[length++] = '\n';
  if (*used + length + 1 > *size) {
    *size = 2 * (*used + length + 1);
    *text = realloc(*text, *size);
    if (!*text) abort();
  }
  memcpy(*text + *used, line, length);
  *used += length;
  (*text)[*used] = 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *words = getenv("CUDA_STAND_IN");
  if (words && !standin_configure(words)) fprintf(stderr, "CUDA_STAND_IN: '%s' is not known\n", words);
}

static bool configure(char *word) {
  char *value = strchr(word, '=');
  if (!value) return false;
  *value++ = 0;
  struct standin_settings *const s = &standin_settings;
  if (!strcmp(word, "devices")) return sscanf(value, "%d", &s->devices) == 1;
  if (!strcmp(word, "capability"))
    return sscanf(value, "%d.%d", &s->capability_major, &s->capability_minor) == 2;
  if (!strcmp(word, "driver")) return sscanf(value, "%d", &s->driver) == 1;
  if (!strcmp(word, "nvrtc")) return sscanf(value, "%d.%d", &s->nvrtc_major, &s->nvrtc_minor) == 2;
  if (!strcmp(word, "cublas")) return sscanf(value, "%d", &s->cublas) == 1;
  if (!strcmp(word, "memory")) return sscanf(value, "%zu", &s->memory) == 1;
  if (!strcmp(word, "fail")) {
    failure f;
    if (failure_count == sizeof failures / sizeof *failures) return false;
    if (sscanf(value, "%63[^:]:%ld:%u", f.function, &f.calls_left, &f.status) != 3) return false;
    failures[failure_count++] = f;
    return true;
  }
  return false;
}

bool standin_configure(const char *words) {
  if (!words) return false;
  char copy[1024];
  if (strlen(words) >= sizeof copy) return false;
  strcpy(copy, words);
  bool is_known = true;
  pthread_mutex_lock(&lock);
  char *rest = copy;
  for (char *word; (word = strsep(&rest, " "));)
    if (*word) is_known &= configure(word);
  pthread_mutex_unlock(&lock);
  return is_known;
}

unsigned standin_failure(const char *function) {
  for (int i = 0; i < failure_count; i++) {
    failure *const f = &failures[i];
    if (strcmp(f->function, function) == 0 && f->calls_left > 0 && --f->calls_left == 0)
      return f->status;
  }
  return 0;
}

static void append_line(const char *format, ...) {
  va_list values;
  va_start(values, format);
  append(&record, &record_used, &record_size, format, values);
  va_end(values);
}

static unsigned enter(const char *function, const char *format, va_list values) {
  pthread_mutex_lock(&lock);
  char words[400];
  vsnprintf(words, sizeof words, format, values);
  append_line("%s%s%s", function, *words ? " " : "", words);
  return standin_failure(function);
}

unsigned standin_enter(const char *function, const char *format, ...) {
  va_list values;
  va_start(values, format);
  const unsigned status = enter(function, format, values);
  va_end(values);
  return status;
}

unsigned standin_enter_context(const char *function, const char *format, ...) {
  va_list values;
  va_start(values, format);
  unsigned status = enter(function, format, values);
  va_end(values);
  if (!standin_current || !standin_references) {
    standin_complain("%s on a thread without a context", function);
    return 201; /* CUDA_ERROR_INVALID_CONTEXT */
  }
  if (standin_lost) return standin_lost;
  return status;
}

unsigned standin_leave(unsigned status) {
  pthread_mutex_unlock(&lock);
  return status;
}

void standin_complain(const char *format, ...) {
  va_list values;
  va_start(values, format);
  append(&complaints, &complaints_used, &complaints_size, format, values);
  va_end(values);
}

const char *standin_record(void) { return record ? record : ""; }

void standin_forget_record(void) {
  record_used = 0;
  if (record) *record = 0;
}

const char *standin_complaints(void) { return complaints ? complaints : ""; }

#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>

#include "stand_in.h"

static standin_operation *first, **last = &first;
unsigned long standin_asked, standin_done;

void standin_push(standin_operation *operation) {
  operation->next = NULL;
  *last = operation;
  last = &operation->next;
  standin_asked++;
}

unsigned standin_drain(void) {
  while (first) {
    standin_operation *const operation = first;
    first = operation->next;
    if (!first) last = &first;
    if (!standin_lost) standin_lost = standin_failure("execution");
    if (!standin_lost) standin_lost = operation->run(operation);
    standin_done++;
    free(operation);
  }
  return standin_lost;
}

static _Thread_local sigjmp_buf escape;
static _Thread_local volatile sig_atomic_t is_guarded;
static struct sigaction previous;

static void on_fault(int signal, siginfo_t *info, void *context) {
  if (is_guarded) siglongjmp(escape, 1);
  /* Somebody else's: as if nobody had caught it. */
  if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
  sigaction(signal, &previous, NULL);
}

unsigned standin_guarded(void (*body)(void *), void *context) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &previous);
  unsigned status = 0;
  if (sigsetjmp(escape, 1) == 0) {
    is_guarded = 1;
    body(context);
  } else {
    status = TG_CUDA_ILLEGAL_ADDRESS;
  }
  is_guarded = 0;
  sigaction(SIGSEGV, &previous, NULL);
  return status;
}

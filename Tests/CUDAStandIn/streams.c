/* Streams and events. */
#include <stdlib.h>

#include "stand_in.h"

struct CUstream_st {
  bool is_there;
};
/* Streams and events stay in memory, so that a handle used too late is found out. */
struct CUevent_st {
  bool is_there;
  unsigned long asked;
};

bool standin_is_stream(tg_cuda_stream stream) { return stream && stream->is_there; }

unsigned standin_check_stream(unsigned status, tg_cuda_stream stream, const char *who) {
  if (status) return status;
  if (standin_is_stream(stream)) return 0;
  standin_complain("%s: there is no such stream", who);
  return 400; /* CUDA_ERROR_INVALID_HANDLE */
}

DRIVER(cuStreamCreate, stream_create);
unsigned cuStreamCreate(tg_cuda_stream *stream, unsigned flags) {
  const unsigned status = standin_enter_context("cuStreamCreate", "%u", flags);
  if (!status) {
    *stream = malloc(sizeof **stream);
    (*stream)->is_there = true;
    standin_streams++;
  }
  return standin_leave(status);
}

DRIVER(cuStreamDestroy_v2, stream_destroy);
unsigned cuStreamDestroy_v2(tg_cuda_stream stream) {
  standin_enter("cuStreamDestroy_v2", "%s", "");
  standin_drain();
  if (!standin_is_stream(stream)) {
    standin_complain("a stream is destroyed that is not there");
    return standin_leave(400);
  }
  stream->is_there = false;
  standin_streams--;
  return standin_leave(standin_lost);
}

DRIVER(cuStreamSynchronize, stream_wait);
unsigned cuStreamSynchronize(tg_cuda_stream stream) {
  unsigned status = standin_enter_context("cuStreamSynchronize", "%s", "");
  status = standin_check_stream(status, stream, "cuStreamSynchronize");
  return standin_leave(status ? status : standin_drain());
}

DRIVER(cuEventCreate, event_create);
unsigned cuEventCreate(tg_cuda_event *event, unsigned flags) {
  const unsigned status = standin_enter_context("cuEventCreate", "%u", flags);
  if (!status) {
    *event = calloc(1, sizeof **event);
    (*event)->is_there = true;
    standin_events++;
  }
  return standin_leave(status);
}

DRIVER(cuEventDestroy_v2, event_destroy);
unsigned cuEventDestroy_v2(tg_cuda_event event) {
  standin_enter("cuEventDestroy_v2", "%s", "");
  if (!event->is_there) {
    standin_complain("an event is destroyed that is not there");
    return standin_leave(400);
  }
  event->is_there = false;
  standin_events--;
  return standin_leave(standin_lost);
}

DRIVER(cuEventRecord, event_record);
unsigned cuEventRecord(tg_cuda_event event, tg_cuda_stream stream) {
  unsigned status = standin_enter_context("cuEventRecord", "%s", "");
  status = standin_check_stream(status, stream, "cuEventRecord");
  if (!status) event->asked = standin_asked;
  return standin_leave(status);
}

DRIVER(cuEventSynchronize, event_wait);
unsigned cuEventSynchronize(tg_cuda_event event) {
  unsigned status = standin_enter_context("cuEventSynchronize", "%s", "");
  if (!status && !event->is_there) {
    standin_complain("an event is waited for that is not there");
    status = 400;
  }
  return standin_leave(status ? status : event->asked > standin_done ? standin_drain() : 0);
}

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stand_in.h"

#define CUBLAS(name, member) __typeof__(*((tg_cublas *)0)->member) name

struct cublasContext {
  bool is_there;
  tg_cuda_stream stream;
  void *workspace;
  size_t workspace_bytes;
  unsigned mode;
};

enum { not_initialized = 1, invalid_value = 7, execution_failed = 13 };

static unsigned enter(tg_cublas_handle handle, const char *name) {
  if (standin_lost) return execution_failed;
  if (handle && handle->is_there) return 0;
  standin_complain("%s: there is no such handle", name);
  return not_initialized;
}

CUBLAS(cublasCreate_v2, create);
unsigned cublasCreate_v2(tg_cublas_handle *handle) {
  const unsigned status = standin_enter_context("cublasCreate_v2", "%s", "");
  if (!status) {
    /* Stays in memory, so that a handle used too late is found out. */
    *handle = calloc(1, sizeof **handle);
    (*handle)->is_there = true;
    standin_handles++;
  }
  return standin_leave(status);
}

CUBLAS(cublasDestroy_v2, destroy);
unsigned cublasDestroy_v2(tg_cublas_handle handle) {
  standin_enter("cublasDestroy_v2", "%s", "");
  if (!handle->is_there) {
    standin_complain("a handle is destroyed that is not there");
    return standin_leave(not_initialized);
  }
  handle->is_there = false;
  standin_handles--;
  return standin_leave(0);
}

CUBLAS(cublasGetVersion_v2, version);
unsigned cublasGetVersion_v2(tg_cublas_handle handle, int *version) {
  const unsigned status = standin_enter("cublasGetVersion_v2", "%s", "");
  *version = standin_settings.cublas;
  return standin_leave(status ? status : enter(handle, "cublasGetVersion_v2"));
}

CUBLAS(cublasSetStream_v2, set_stream);
unsigned cublasSetStream_v2(tg_cublas_handle handle, tg_cuda_stream stream) {
  unsigned status = standin_enter("cublasSetStream_v2", "%s", "");
  if (!status) status = enter(handle, "cublasSetStream_v2");
  if (!status && !standin_is_stream(stream)) {
    standin_complain("cublasSetStream_v2: there is no such stream");
    status = invalid_value;
  }
  if (!status) {
    handle->stream = stream;
    /* Puts the library's own workspace in place. */
    handle->workspace = NULL;
  }
  return standin_leave(status);
}

CUBLAS(cublasSetWorkspace_v2, set_workspace);
unsigned cublasSetWorkspace_v2(tg_cublas_handle handle, void *workspace, size_t bytes) {
  unsigned status = standin_enter("cublasSetWorkspace_v2", "%zu", bytes);
  if (!status) status = enter(handle, "cublasSetWorkspace_v2");
  if (!status && !standin_is_in_memory((uintptr_t)workspace, bytes, "cublasSetWorkspace_v2"))
    status = invalid_value;
  if (!status) {
    handle->workspace = workspace;
    handle->workspace_bytes = bytes;
  }
  return standin_leave(status);
}

CUBLAS(cublasSetMathMode, set_math_mode);
unsigned cublasSetMathMode(tg_cublas_handle handle, unsigned mode) {
  unsigned status = standin_enter("cublasSetMathMode", "%u", mode);
  if (!status) status = enter(handle, "cublasSetMathMode");
  if (!status) handle->mode = mode;
  return standin_leave(status);
}

/* -- Products -- */

typedef struct {
  standin_operation operation;
  bool a_transposed, b_transposed, is_tf32;
  int m, n, k, batch;
  float alpha, beta;
  const float *a, *b;
  float *c;
  long a_stride, b_stride, c_stride;
  long long a_batch, b_batch, c_batch;
} product;

/* TensorFloat-32 has 10 bits after the binary point. */
static float rounded(float x, bool is_tf32) {
  if (!is_tf32 || !isfinite(x)) return x;
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = (bits + 0x0FFF + (bits >> 13 & 1)) & ~0x1FFFu;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* Column-major, one element of C after the other. */
static void multiply(void *context) {
  const product *const p = context;
  for (int batch = 0; batch < p->batch; batch++) {
    const float *const a = p->a + batch * p->a_batch, *const b = p->b + batch * p->b_batch;
    float *const c = p->c + batch * p->c_batch;
    for (int j = 0; j < p->n; j++)
      for (int i = 0; i < p->m; i++) {
        double sum = 0;
        for (int l = 0; l < p->k; l++) {
          const float left = p->a_transposed ? a[l + i * p->a_stride] : a[i + l * p->a_stride];
          const float right = p->b_transposed ? b[j + l * p->b_stride] : b[l + j * p->b_stride];
          sum += (double)rounded(left, p->is_tf32) * rounded(right, p->is_tf32);
        }
        float *const out = &c[i + j * p->c_stride];
        /* What C holds is not read if beta is 0. */
        *out = p->alpha * (float)sum + (p->beta == 0 ? 0 : p->beta * *out);
      }
  }
}

static unsigned run(standin_operation *operation) {
  const unsigned status = standin_guarded(multiply, operation);
  if (status) standin_complain("a product touches memory that is not there");
  return status;
}

/* Whether a batch of column-major matrices lies in one piece of memory. */
static bool is_there(
  const float *matrix, int rows, int columns, long stride, long long batch_stride, int batch,
  const char *name) {
  if (stride < rows) {
    standin_complain("%s: a stride is smaller than a column", name);
    return false;
  }
  const size_t floats = (size_t)(batch - 1) * batch_stride + (size_t)(columns - 1) * stride + rows;
  return standin_is_in_memory((uintptr_t)matrix, floats * sizeof(float), name);
}

static unsigned push(tg_cublas_handle handle, product p, const char *name) {
  unsigned status = enter(handle, name);
  if (!status && !standin_current) {
    standin_complain("%s on a thread without a context", name);
    status = execution_failed;
  }
  if (!status && !handle->workspace) {
    standin_complain("%s without a workspace of ours", name);
    status = invalid_value;
  }
  if (!status && !standin_is_stream(handle->stream)) {
    standin_complain("%s without a stream", name);
    status = invalid_value;
  }
  if (!status
      && (!is_there(
            p.a, p.a_transposed ? p.k : p.m, p.a_transposed ? p.m : p.k, p.a_stride, p.a_batch,
            p.batch, name)
          || !is_there(
            p.b, p.b_transposed ? p.n : p.k, p.b_transposed ? p.k : p.n, p.b_stride, p.b_batch,
            p.batch, name)
          || !is_there(p.c, p.m, p.n, p.c_stride, p.c_batch, p.batch, name)))
    status = invalid_value;
  if (status) return status;
  product *const operation = malloc(sizeof *operation);
  *operation = p;
  operation->operation.run = run;
  operation->is_tf32 = handle->mode == TG_CUBLAS_TF32_TENSOR_OP_MATH;
  standin_push(&operation->operation);
  return 0;
}

static char letter(unsigned operation) { return operation == TG_CUBLAS_OP_T ? 'T' : 'N'; }

CUBLAS(cublasSgemm_v2, sgemm);
unsigned cublasSgemm_v2(
  tg_cublas_handle handle, unsigned a_operation, unsigned b_operation, int m, int n, int k,
  const float *alpha, const float *a, int a_stride, const float *b, int b_stride, const float *beta,
  float *c, int c_stride) {
  const unsigned status = standin_enter(
    "cublasSgemm_v2", "%c%c %d %d %d beta %g", letter(a_operation), letter(b_operation), m, n, k,
    *beta);
  const product p = {
    {NULL, NULL}, a_operation == TG_CUBLAS_OP_T, b_operation == TG_CUBLAS_OP_T, false,
    m, n, k, 1, *alpha, *beta, a, b, c, a_stride, b_stride, c_stride, 0, 0, 0};
  return standin_leave(status ? status : push(handle, p, "cublasSgemm_v2"));
}

CUBLAS(cublasSgemmStridedBatched, sgemm_batched);
unsigned cublasSgemmStridedBatched(
  tg_cublas_handle handle, unsigned a_operation, unsigned b_operation, int m, int n, int k,
  const float *alpha, const float *a, int a_stride, long long a_batch_stride, const float *b,
  int b_stride, long long b_batch_stride, const float *beta, float *c, int c_stride,
  long long c_batch_stride, int batch) {
  const unsigned status = standin_enter(
    "cublasSgemmStridedBatched", "%c%c %d %d %d x %d beta %g", letter(a_operation),
    letter(b_operation), m, n, k, batch, *beta);
  const product p = {
    {NULL, NULL}, a_operation == TG_CUBLAS_OP_T, b_operation == TG_CUBLAS_OP_T, false,
    m, n, k, batch, *alpha, *beta, a, b, c, a_stride, b_stride, c_stride,
    a_batch_stride, b_batch_stride, c_batch_stride};
  return standin_leave(status ? status : push(handle, p, "cublasSgemmStridedBatched"));
}

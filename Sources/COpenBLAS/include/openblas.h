#ifndef TRANSFERGAP_OPENBLAS_H
#define TRANSFERGAP_OPENBLAS_H

/* OpenBLAS, loaded when it is needed rather than when the program starts.
 *
 * Which kernels it takes is settled once, while it is loaded, by the processor's model number or by
 * the variable OPENBLAS_CORETYPE; hence the way through here. */

/* cblas.h's enumerations, by value. */
enum {
  TG_BLAS_ROW_MAJOR = 101,
  TG_BLAS_NO_TRANSPOSE = 111,
  TG_BLAS_TRANSPOSE = 112
};

/* c = alpha op(a) op(b) + beta c; as cblas_sgemm. */
typedef void (*tg_sgemm)(
  int order, int a_transpose, int b_transpose, int m, int n, int k, float alpha, const float *a,
  int a_stride, const float *b, int b_stride, float beta, float *c, int c_stride);

typedef struct {
  /* What dlopen gave. */
  void *handle;
  tg_sgemm sgemm;
  /* Version and build, in the library's own words. It writes them into one buffer every time. */
  char *(*description)(void);
  /* The processor whose kernels it chose. */
  char *(*kernel)(void);
} tg_openblas;

/* Loads the library, to run every call on the thread that makes it.
 *
 * file: as dlopen takes it. kernel: whose kernels it shall take, or null to leave the choice to it or
 * to the user's own variable. out: overwritten. Returns null, or what is wrong, in words that stay
 * valid until the next call. */
const char *tg_openblas_load(const char *file, const char *kernel, tg_openblas *out);

/* Gives up a library that has not computed anything yet. */
void tg_openblas_unload(tg_openblas *library);

#endif

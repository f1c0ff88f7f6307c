#ifndef TRANSFERGAP_KERNELS_H
#define TRANSFERGAP_KERNELS_H
void tg_placeholder(void);
#endif

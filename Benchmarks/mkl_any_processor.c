// MKL, the library of PyTorch's products, takes its AVX-512 kernels only on processors whose maker is Intel; on AMD
// it takes AVX2 ones, whatever the processor can do. It asks this function, which a preloaded library may replace.
// A comparison with kernels made for another processor would flatter us, so run.py preloads it where that helps.
int mkl_serv_intel_cpu_true(void) { return 1; }

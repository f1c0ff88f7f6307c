/* Functions of one number, with the arithmetic of CKernels: where no product is fused with a sum, the bits are the same. */

/* exp(x) for x <= 88, 0 below -87.33; see v_exp in CKernels/kernels/vector.h. */
DEVICE float exponential(float x) {
  const bool underflow = x < -87.33f;
  const float limited = underflow ? -87.33f : x;
  /* Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits. */
  const float shifted = limited * 0x1.715476p0f + 0x1.8p23f;
  const float n = shifted - 0x1.8p23f;
  float r = limited - n * 0x1.62e4p-1f;
  r = r - n * 0x1.7f7d1cp-20f;
  float p = 0x1.6a1a6ep-10f;
  p = p * r + 0x1.123fc6p-7f;
  p = p * r + 0x1.555916p-5f;
  p = p * r + 0x1.55548ap-3f;
  p = p * r + 0x1.fffffcp-2f;
  p = p * (r * r) + r;
  p = p + 1.0f;
  const uint power = (bits_of(shifted) - bits_of(0x1.8p23f)) << 23;
  return underflow ? 0.0f : float_of(bits_of(p) + power);
}

DEVICE float magnitude(float x) { return float_of(bits_of(x) & 0x7fffffffu); }

/* Also of -0, which is how a probability of 0 that dropout took is marked. */
DEVICE bool is_negative(float x) { return bits_of(x) >> 31 != 0; }

/* tanh(x); see v_tanh in CKernels/kernels/elementwise.h. */
DEVICE float hyperbolic_tangent(float x) {
  const float a = magnitude(x), s = x * x;
  float p = -0x1.785ff2p-8f;
  p = p * s + 0x1.52ae8cp-6f;
  p = p * s + -0x1.b85016p-5f;
  p = p * s + 0x1.1107b6p-3f;
  p = p * s + -0x1.555536p-2f;
  const float small = x * s * p + x;
  const float e = exponential(-2.0f * a);
  const float large = (1.0f - e) / (1.0f + e);
  return a < 0.6f ? small : float_of(bits_of(large) | (bits_of(x) & 0x80000000u));
}

/* The upper tail 1 - Phi(|x|) of the normal distribution, given e = exp(-x^2 / 2); see CKernels/kernels/gelu.h. */
DEVICE float normal_tail(float x, float e) {
  const float t = 1.0f / (1.0f + 0.35f * magnitude(x));
  const float u = t - 0.5f;
  float p = -0.0291459393f;
  p = p * u + 0.0273879841f;
  p = p * u + 0.0441651754f;
  p = p * u + -0.0561387017f;
  p = p * u + -0.0817401558f;
  p = p * u + 0.0818708092f;
  p = p * u + 0.284395784f;
  p = p * u + 0.34299162f;
  p = p * u + 0.253244281f;
  return p * t * e;
}

DEVICE float normal_distribution(float x, float e) {
  const float tail = normal_tail(x, e);
  return x < 0.0f ? tail : 1.0f - tail;
}

/* x Phi(x). */
DEVICE float gelu(float x) { return x * normal_distribution(x, exponential(-0.5f * x * x)); }

/* Phi(x) + x phi(x). */
DEVICE float gelu_slope(float x) {
  const float e = exponential(-0.5f * x * x);
  return normal_distribution(x, e) + x * (e * 0.3989422804f);
}

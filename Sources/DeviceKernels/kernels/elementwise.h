/* Flat kernels: each element by itself. */

/* x = value. */
KERNEL void tgk_fill(GLOBAL float *x, ulong x_offset, uint count, float value) {
  x += x_offset;
  EACH_ELEMENT(i, count) { x[i] = value; }
}

/* to = from. */
KERNEL void tgk_copy(
  GLOBAL const float *from, ulong from_offset, GLOBAL float *to, ulong to_offset, uint count
) {
  from += from_offset;
  to += to_offset;
  EACH_ELEMENT(i, count) { to[i] = from[i]; }
}

/* x *= factor. */
KERNEL void tgk_scale(GLOBAL float *x, ulong x_offset, uint count, float factor) {
  x += x_offset;
  EACH_ELEMENT(i, count) { x[i] *= factor; }
}

/* y += x. */
KERNEL void tgk_add(
  GLOBAL float *y, ulong y_offset, GLOBAL const float *x, ulong x_offset, uint count
) {
  y += y_offset;
  x += x_offset;
  EACH_ELEMENT(i, count) { y[i] += x[i]; }
}

/* x[i, j] += bias[j]. */
KERNEL void tgk_add_bias(
  GLOBAL float *x, ulong x_offset, GLOBAL const float *bias, ulong bias_offset, uint rows,
  uint columns
) {
  x += x_offset;
  bias += bias_offset;
  EACH_CELL(i, j, rows, columns) { x[i] += bias[j]; }
}

/* x = tanh(x). */
KERNEL void tgk_tanh(GLOBAL float *x, ulong x_offset, uint count) {
  x += x_offset;
  EACH_ELEMENT(i, count) { x[i] = hyperbolic_tangent(x[i]); }
}

/* d *= 1 - y * y, where y = tanh(x). */
KERNEL void tgk_tanh_backward(
  GLOBAL float *d, ulong d_offset, GLOBAL const float *y, ulong y_offset, uint count
) {
  d += d_offset;
  y += y_offset;
  EACH_ELEMENT(i, count) { d[i] *= 1.0f - y[i] * y[i]; }
}

/* x = max(x, 0); a NaN stays, so that a training that has come to one notices. */
KERNEL void tgk_relu(GLOBAL float *x, ulong x_offset, uint count) {
  x += x_offset;
  EACH_ELEMENT(i, count) { x[i] = x[i] < 0.0f ? 0.0f : x[i]; }
}

/* d = 0 where y <= 0, where y = relu(x). */
KERNEL void tgk_relu_backward(
  GLOBAL float *d, ulong d_offset, GLOBAL const float *y, ulong y_offset, uint count
) {
  d += d_offset;
  y += y_offset;
  EACH_ELEMENT(i, count) { d[i] = y[i] <= 0.0f ? 0.0f : d[i]; }
}

/* pre += bias, then out = GELU(pre); out may be pre. */
KERNEL void tgk_bias_gelu(
  GLOBAL float *pre, ulong pre_offset, GLOBAL float *out, ulong out_offset,
  GLOBAL const float *bias, ulong bias_offset, uint rows, uint columns
) {
  pre += pre_offset;
  out += out_offset;
  bias += bias_offset;
  EACH_CELL(i, j, rows, columns) {
    const float x = pre[i] + bias[j];
    pre[i] = x;
    out[i] = gelu(x);
  }
}

/* out = GELU(pre), with the bits that tgk_bias_gelu gave. */
KERNEL void tgk_gelu(
  GLOBAL const float *pre, ulong pre_offset, GLOBAL float *out, ulong out_offset, uint count
) {
  pre += pre_offset;
  out += out_offset;
  EACH_ELEMENT(i, count) { out[i] = gelu(pre[i]); }
}

/* out = d times the slope of GELU at pre; out may be d or pre. */
KERNEL void tgk_gelu_backward(
  GLOBAL const float *d, ulong d_offset, GLOBAL const float *pre, ulong pre_offset,
  GLOBAL float *out, ulong out_offset, uint count
) {
  d += d_offset;
  pre += pre_offset;
  out += out_offset;
  EACH_ELEMENT(i, count) { out[i] = d[i] * gelu_slope(pre[i]); }
}

/* Loss and optimiser. Flat. */

/* d = scale * (softmax(logits) - one-hot of the label); losses in nats. d may be logits; labels are below `columns`.
 *
 * The CPU does this in double, which a device may lack. In float, p - 1 would cancel for a label that is nearly certain, so it is
 * formed as the share of the other classes; and a loss is within a few units in the last place of the larger of itself and 1, which is why
 * the host sums the losses that are logged from the logits. */
KERNEL void tgk_cross_entropy(
  GLOBAL const float *logits, ulong logits_offset, GLOBAL const uint *labels, ulong labels_offset,
  GLOBAL float *d, ulong d_offset, GLOBAL float *losses, ulong losses_offset, uint rows,
  uint columns, float scale
) {
  logits += logits_offset;
  labels += labels_offset;
  d += d_offset;
  losses += losses_offset;
  EACH_ELEMENT(row, rows) {
    GLOBAL const float *x = logits + row * columns;
    GLOBAL float *to = d + row * columns;
    const uint label = labels[row];
    float highest = x[0];
    for (uint c = 1; c < columns; c++) highest = larger(highest, x[c]);
    float total = 0.0f, others = 0.0f;
    for (uint c = 0; c < columns; c++) {
      const float e = exponential(x[c] - highest);
      total += e;
      if (c != label) others += e;
    }
    losses[row] = logarithm(total) + (highest - x[label]);
    for (uint c = 0; c < columns; c++)
      to[c] = scale * ((c == label ? -others : exponential(x[c] - highest)) / total);
  }
}

/* One step of AdamW; see tg_adamw in CKernels/include/kernels.h. */
KERNEL void tgk_adamw(
  GLOBAL float *p, ulong p_offset, GLOBAL const float *g, ulong g_offset, GLOBAL float *m,
  ulong m_offset, GLOBAL float *v, ulong v_offset, uint count, float beta2, float one_minus_beta1,
  float one_minus_beta2, float keep, float step_size, float sqrt_correction2, float epsilon
) {
  p += p_offset;
  g += g_offset;
  m += m_offset;
  v += v_offset;
  EACH_ELEMENT(i, count) {
    /* torch writes the first moment as a linear interpolation, m + (1 - beta1) (g - m). */
    const float first = m[i] + one_minus_beta1 * (g[i] - m[i]);
    const float second = beta2 * v[i] + one_minus_beta2 * g[i] * g[i];
    m[i] = first;
    v[i] = second;
    p[i] = p[i] * keep - step_size * (first / (root(second) / sqrt_correction2 + epsilon));
  }
}

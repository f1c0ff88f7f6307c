#!/usr/bin/env bash
# Trains a few steps on processors that this machine is not, emulated by QEMU, and checks which kernels are used.
#
#   Tests/other-processors.sh [report]     the program; .build/release/report if left out
#
# QEMU has no AVX-512; KernelChoiceTests decide for it from what cpuid would say.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-.build/release/report}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset OPENBLAS_CORETYPE

cat >"$folder/experiment.yaml" <<YAML
name: emulated
model: {checkpoint: $PWD/Tests/Fixtures/train/model, encoder_layers: 3, frozen_layers: 1}
data:
  source: {language: en, train: $PWD/Tests/Fixtures/train/data/train.tsv, validation: $PWD/Tests/Fixtures/train/data/validation.tsv}
  max_length: 24
training: {epochs: 1, batch_size: 8}
YAML

# check PROCESSOR KERNEL REASON: a processor as QEMU names it, the kernels that it must get, and how the reason begins.
check() {
  local environment="$folder/run/environment.json"
  qemu-x86_64 -cpu "$1" "$program" train "$folder/experiment.yaml" --run-dir "$folder/run" --force \
    --threads 1 --no-cache >/dev/null 2>"$folder/errors" || {
    cat "$folder/errors" >&2
    echo "$1: the training failed." >&2
    exit 1
  }
  for line in "\"blas_kernel\": \"$2\"" "\"blas_kernel_reason\": \"$3"; do
    grep -qF "$line" "$environment" || {
      echo "$1: environment.json has no $line, but" >&2
      grep blas "$environment" >&2
      exit 1
    }
  done
  echo "$1: $2 ($3 …)"
}

# Haswell as OpenBLAS knows it, and under the model numbers of Emerald Rapids, Lunar Lake and Raptor Lake, which
# version 0.3.21 does not know; later ones do, so that either reason will do there.
check Haswell,vendor=GenuineIntel Haswell "OpenBLAS chose it"
for model in 207 189 183; do
  check "Haswell,vendor=GenuineIntel,model=$model" Haswell "OpenBLAS "
done
# AVX2 by AMD, and a processor without.
check EPYC-Rome Zen "OpenBLAS chose it"
check Nehalem,vendor=GenuineIntel Nehalem "OpenBLAS chose it"

#!/usr/bin/env bash
# Checks our declarations of NVIDIA's functions against NVIDIA's headers, and compiles the kernels with the real NVRTC for
# every architecture that it knows. Needs no GPU.
#
#   Tests/CUDALibraries/check.sh          # fetches the packages of CUDA 11, 12 and 13 for Python, 1.6 GB, into a temporary folder
#   Tests/CUDALibraries/check.sh FOLDER…  # takes what is in folders such as …/site-packages/nvidia
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

folders=("$@")
if [ $# -eq 0 ]; then
  for version in 11 12 13; do
    python3 -m venv "$work/cuda-$version"
    "$work/cuda-$version/bin/pip" install --quiet -r "requirements-$version.txt"
    folders+=("$(echo "$work/cuda-$version"/lib/python3*/site-packages/nvidia)")
  done
fi

clang -std=gnu23 -O2 -I ../../Sources/CDevice/include -I ../../Sources/DeviceKernels/include -Wall -Wextra -Werror \
  compile.c ../../Sources/CDevice/cuda.c ../../Sources/DeviceKernels/*.c -o "$work/compile" -lm -ldl
# Of nvcc's headers, which are not among the packages, only the names are wanted (declarations.c).
mkdir -p "$work/nvcc/crt"
touch "$work/nvcc/crt/host_defines.h"
for folder in "${folders[@]}"; do
  includes=(-isystem "$work/nvcc")
  for include in "$folder"/*/include; do includes+=(-isystem "$include"); done
  # An enumeration beside an unsigned int is no incompatible pointer; everything else is an error.
  clang -std=gnu17 -fsyntax-only -Werror "${includes[@]}" declarations.c
  echo "$folder: all declarations are NVIDIA's"
  nvrtc=$(find "$folder" -name 'libnvrtc.so.*' | head -1)
  cublas=$(find "$folder" -name 'libcublas.so.*' | head -1)
  "$work/compile" "$nvrtc" "$cublas"
done

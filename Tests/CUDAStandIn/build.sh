#!/usr/bin/env bash
# Builds the stand-in for NVIDIA's driver, cuBLAS and NVRTC into a folder, under their three names:
#
#   Tests/CUDAStandIn/build.sh /tmp/stand-in
#   TRANSFERGAP_CUDA_LIBRARIES=/tmp/stand-in report device
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: $0 FOLDER" >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
# As Package.swift compiles the kernels.
clang -std=gnu23 -O2 -g -fno-math-errno -ffp-contract=off -fPIC -shared -Wall -Wextra -Werror \
  -I Sources/DeviceKernels/include \
  Tests/CUDAStandIn/*.c Sources/DeviceKernels/*.c -o "$folder/libcuda.so.1" -lm -lpthread
for name in libcublas.so.12 libnvrtc.so.12; do ln -sf libcuda.so.1 "$folder/$name"; done

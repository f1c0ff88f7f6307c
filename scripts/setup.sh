#!/usr/bin/env bash
# Installs the Debian packages that TransferGap needs to build, if they are missing.
#
#   scripts/setup.sh [package] …     also installs these, which some checks need
set -euo pipefail

packages=(
  libcairo2-dev libpango1.0-dev libopenblas0 libpng-dev libssl-dev pkg-config
  libcurl4 ca-certificates
  fonts-dejavu-core fonts-noto-core fonts-noto-cjk
  "$@"
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  run=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "Missing Debian packages: ${missing[*]}. Install them as root; there is no sudo." >&2
      exit 1
    }
    run=(sudo)
  fi
  echo "Installing missing Debian packages with ${run[*]:+${run[*]} }apt-get: ${missing[*]}"
  "${run[@]}" apt-get update -qq
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends -qq "${missing[@]}" >/dev/null
fi

if ! command -v swift >/dev/null; then
  echo "Swift is not on the PATH. TransferGap needs Swift 6.3 or later: https://www.swift.org/install" >&2
  exit 1
fi
version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${version:-0 0}"
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 3 ]; }; then
  echo "Found Swift $major.$minor; TransferGap needs Swift 6.3 or later." >&2
  exit 1
fi

#!/usr/bin/env python3
"""Compiles the device's kernels with NVRTC, which needs no GPU: each must be in the PTX, for three generations of GPUs.

  scripts/compile_kernels.py [--venv DIRECTORY] [--ptx DIRECTORY]

NVRTC comes from PyPI into a virtual environment outside the project (--venv; made if it is not there). It is NVIDIA's, under NVIDIA's
license, and no part of the project. --ptx keeps what was compiled.
"""

import argparse
import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile

REQUIREMENT = "nvidia-cuda-nvrtc-cu12==12.9.86"
# V100, A100, H100.
ARCHITECTURES = ["compute_70", "compute_80", "compute_90"]
folder = pathlib.Path(__file__).resolve().parent.parent / "Sources/DeviceKernels"


def source():
    """The kernels' text, put together as source.c does it."""
    names = re.findall(r'^#embed "(.+?)"', (folder / "source.c").read_text(), flags=re.M)
    return "".join((folder / name).read_text() for name in names)


def load_nvrtc(venv):
    """The library, installed if it is not there."""
    pattern = "lib/python*/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12"
    if not list(venv.glob(pattern)):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run(
            [venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT],
            check=True,
        )
    path = next(venv.glob(pattern), None)
    if path is None:
        raise SystemExit(f"{REQUIREMENT} is installed in {venv}, but holds no {pattern}")
    return ctypes.CDLL(str(path))


class NVRTC:
    def __init__(self, library):
        self.library = library
        library.nvrtcGetErrorString.restype = ctypes.c_char_p

    def check(self, status, what):
        if status != 0:
            message = self.library.nvrtcGetErrorString(status).decode()
            raise SystemExit(f"{what}: {message}")

    def text(self, program, size_of, get, what):
        size = ctypes.c_size_t()
        self.check(size_of(program, ctypes.byref(size)), what)
        buffer = ctypes.create_string_buffer(size.value)
        self.check(get(program, buffer), what)
        return buffer.value.decode()

    def compile(self, text, architecture):
        """The PTX and the log, which must be empty: a warning is an error."""
        library, program = self.library, ctypes.c_void_p()
        self.check(
            library.nvrtcCreateProgram(
                ctypes.byref(program), text.encode(), b"kernels.cu", 0, None, None
            ),
            "nvrtcCreateProgram",
        )
        options = [f"--gpu-architecture={architecture}".encode(), b"--std=c++17"]
        status = library.nvrtcCompileProgram(
            program, len(options), (ctypes.c_char_p * len(options))(*options)
        )
        log = self.text(
            program, library.nvrtcGetProgramLogSize, library.nvrtcGetProgramLog, "the log"
        )
        # Said of the oldest, which this version of NVRTC is the last to compile for.
        log = re.sub(r"^nvrtc: warning: Architectures prior to .* are deprecated.*\n", "", log, flags=re.M)
        if status != 0 or log.strip("\0 \n"):
            raise SystemExit(f"{architecture}:\n{log}")
        ptx = self.text(program, library.nvrtcGetPTXSize, library.nvrtcGetPTX, "the PTX")
        library.nvrtcDestroyProgram(ctypes.byref(program))
        return ptx


def main():
    parser = argparse.ArgumentParser()
    default = pathlib.Path(tempfile.gettempdir()) / "transfergap-nvrtc"
    parser.add_argument("--venv", type=pathlib.Path, default=default)
    parser.add_argument("--ptx", type=pathlib.Path)
    arguments = parser.parse_args()

    text = source()
    kernels = re.findall(r"^KERNEL void (tgk_\w+)\(", text, flags=re.M)
    nvrtc = NVRTC(load_nvrtc(arguments.venv))
    for architecture in ARCHITECTURES:
        ptx = nvrtc.compile(text, architecture)
        entries = re.findall(r"^\.visible \.entry (\w+)\(", ptx, flags=re.M)
        if sorted(entries) != sorted(kernels):
            difference = sorted(set(entries) ^ set(kernels))
            raise SystemExit(f"{architecture}: the PTX and the text differ in {difference}")
        # Registers that do not suffice, or a private array that is indexed at run time, go to the slow local memory.
        spilling = re.findall(r"\.entry (\w+)\((?:(?!\.entry).)*?\.local \.align", ptx, flags=re.S)
        print(f"{architecture}: {len(entries)} kernels" + (f"; local memory in {spilling}" if spilling else ""))
        if arguments.ptx:
            arguments.ptx.mkdir(parents=True, exist_ok=True)
            (arguments.ptx / f"{architecture}.ptx").write_text(ptx)


main()

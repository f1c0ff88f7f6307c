"""Writes storage/reference.safetensors with the reference library and reads ours with it.

    pip install -r requirements-metrics.txt && python make_storage_fixtures.py

storage/ours.safetensors is a snapshot that StorageTests records; this script fails if the reference
library reads anything else from it than the test wrote.
"""

import pathlib
import struct

import numpy as np
from safetensors import TensorSpec, safe_open, serialize_file

FOLDER = pathlib.Path(__file__).parent / "storage"


BUFFERS = []  # TensorSpec holds an address only.


def entry(dtype, shape, data):
    buffer = np.frombuffer(data, dtype=np.uint8).copy()
    BUFFERS.append(buffer)
    return TensorSpec(
        dtype=dtype, shape=shape, data_ptr=buffer.ctypes.data, data_len=len(data))


def main():
    serialize_file(
        {
            "matrix": entry("float32", [2, 3], np.arange(6, dtype="<f4").tobytes()),
            "half": entry("float16", [4], np.array([0.5, -2, 65504, 6e-8], "<f2").tobytes()),
            # bfloat16 is the upper half of a float32: 1, −2.5 and 3.0e38.
            "brain": entry("bfloat16", [3], struct.pack("<3H", 0x3F80, 0xC020, 0x7F62)),
            "double": entry("float64", [2], np.array([1 / 3, -1e300], "<f8").tobytes()),
            "integers": entry("int64", [3], np.array([-1, 0, 2**62], "<i8").tobytes()),
            "bytes": entry("uint8", [5], bytes(range(5))),
            "scalar": entry("float32", [], np.array(2.5, "<f4").tobytes()),
            "empty": entry("float32", [0, 3], b""),
        },
        str(FOLDER / "reference.safetensors"),
        {"format": "pt", "note": "Grüße \"quoted\""},
    )
    ours = FOLDER / "ours.safetensors"
    if ours.exists():
        with safe_open(str(ours), framework="numpy") as file:
            assert sorted(file.keys()) == ["empty", "labels", "logits"], file.keys()
            assert file.metadata() == {"mode": "evaluation", "who": "ü\n"}, file.metadata()
            assert np.array_equal(
                file.get_tensor("logits"), np.array([[0.5, -1], [3.25, 1e-30]], "<f4"))
            assert np.array_equal(file.get_tensor("labels"), np.array([1, -(2**40)], "<i8"))
            assert file.get_tensor("empty").shape == (0, 2)
        print("the reference library reads ours")


if __name__ == "__main__":
    main()

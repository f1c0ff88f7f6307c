#!/usr/bin/env python3
"""Writes Sources/DeviceKernels/launches.h: how each kernel is called with the arguments of a launch.

A launch names a kernel and gives pointers to its parameters, as cuLaunchKernel takes them; C has no way to spread them out but
to write the call down. Run it after a kernel was added or its parameters were changed; the compiler and the tests notice if that was
forgotten.

  scripts/kernel_table.py
"""

import pathlib
import re

folder = pathlib.Path(__file__).resolve().parent.parent / "Sources/DeviceKernels"
LETTERS = {"uint": "u", "ulong": "l", "float": "f"}


def parameters(text):
    """The C type and the name of each parameter."""
    for part in text.split(","):
        words = part.replace("*", " *").split()
        words = [word for word in words if word not in ("GLOBAL", "const")]
        label = words.pop()
        kind = " ".join(words)
        yield (kind + " *", label[1:]) if label.startswith("*") else (kind, label)


def launch(name, text):
    """A kernel's call and the letters of its arguments."""
    values, letters, skips = [], "", False
    for index, (kind, label) in enumerate(parameters(text)):
        values.append(f"*({kind}{'' if kind.endswith('*') else ' '}*)values[{index}]")
        if kind.endswith("*"):
            letters += "b"
            skips = True
        elif skips:
            if kind != "ulong" or not label.endswith("_offset"):
                raise SystemExit(f"{name}: after a buffer comes its offset, not '{kind} {label}'")
            skips = False
        else:
            letters += LETTERS[kind]
    return letters, ",\n    ".join(values)


found = []
for path in sorted((folder / "kernels").glob("*.h")):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    for name, parts in re.findall(r"^KERNEL void (tgk_\w+)\((.*?)\) \{", text, flags=re.S | re.M):
        found.append((name, *launch(name, parts)))

lines = ["/* Written by scripts/kernel_table.py from the kernels' parameters. */", ""]
for name, _, call in found:
    lines += [f"static void launch_{name}(void **values) {{", f"  {name}(", f"    {call});", "}", ""]
lines.append("static const launch_entry entries[] = {")
for name, letters, _ in found:
    lines.append(f'  {{{{"{name}", "{letters}"}}, launch_{name}}},')
lines.append("};")
(folder / "launches.h").write_text("\n".join(lines) + "\n")
print(f"{len(found)} kernels")

#!/usr/bin/env python3
"""Writes cmake/function_order.txt: the functions that programs use, for the linker to put side by
side, so that less of the program comes into memory.

First what every start runs, in the order of the alphabet, then what the programs of bench/ run, by
the number of programs and instructions. Names that the linker does not know are passed over, so
the list may be older than the code. Needs valgrind and a release build.

usage: scripts/order_functions.py [MOONLET]"""

import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEAST_INSTRUCTIONS = 2000


def functions_of(program, arguments):
    """Instructions by the name of the function in the program's file."""
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder) / "profile"
        subprocess.run(
            ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile}",
             str(program), "exec", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=1800, check=True)
        return read_profile(profile)


def read_profile(profile):
    names, counts = {}, collections.Counter()
    current, is_call = None, False
    for line in profile.read_text().splitlines():
        match = re.match(r"c?fn=\((\d+)\)(?: (.*))?$", line)
        if match:
            if match.group(2):
                names[match.group(1)] = match.group(2).split("'")[0]
            if line.startswith("fn="):
                current = names[match.group(1)]
        elif line.startswith("calls="):
            is_call = True
        elif re.match(r"[+\-*\d]", line) and current:
            if not is_call:
                counts[current] += int(line.split()[1])
            is_call = False
    return counts


def variants_of(name):
    """The C library chooses by processor; valgrind's is not the newest."""
    match = re.match(r"(__[a-z]+)_(avx|avx2|sse2|sse42)(_unaligned(_erms)?)?$", name)
    if not match:
        return [name]
    newer = [f"{match.group(1)}_{kind}{match.group(3) or ''}" for kind in ("evex", "avx512")]
    return [name, *newer, f"{match.group(1)}_avx2{match.group(3) or ''}"]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/release/moonlet"
    with tempfile.TemporaryDirectory() as folder:
        # Debug information that valgrind cannot read.
        stripped = pathlib.Path(folder) / "moonlet"
        subprocess.run(["strip", "--strip-debug", "-o", str(stripped), str(program)], check=True)
        empty = pathlib.Path(folder) / "empty.lua"
        empty.write_text("")
        starting = functions_of(stripped, [str(empty)])
        runs = []
        for path in sorted((ROOT / "bench/programs").glob("*.lua")):
            size = re.search(r"^-- small: (\S+)", path.read_text(), re.MULTILINE).group(1)
            runs.append([str(path), size])
        programs, instructions = collections.Counter(), collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for counts in pool.map(lambda run: functions_of(stripped, run), runs):
                for name, count in counts.items():
                    if name not in starting or count > starting[name] + LEAST_INSTRUCTIONS:
                        programs[name] += 1
                        instructions[name] += count
    hot = sorted(programs, key=lambda name: (-programs[name], -instructions[name], name))
    only_start = sorted(name for name in starting if name not in programs)
    order = []
    for name in only_start + hot:
        if re.fullmatch(r"[A-Za-z_.$][\w.$]*", name):
            order += variants_of(name)
    (ROOT / "cmake/function_order.txt").write_text("\n".join(order) + "\n")
    print(f"{len(order)} functions")


if __name__ == "__main__":
    main()

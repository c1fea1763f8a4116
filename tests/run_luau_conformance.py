#!/usr/bin/env python3
"""Runs Luau's own conformance scripts, which are not part of this project.

The folder is tests/conformance of https://github.com/luau-lang/luau (release 0.735 is what the notes here were
made by). A script passes when it returns "OK". Each runs as it is, and once for each number N of --trips,
frozen, dropped and thawed at every N-th safepoint, with no trip refused.

Scripts that write to _G get --no-sandbox: Luau's test program makes _G the script's own globals for them.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

FILES = """assert attrib basic bitwise buffers calls clear closure constructs coroutine datetime debug errors events gc
ifelseexpr iter literals locals math move pcall pm sort strconv stringinterp strings tables tpack utf8 vararg vector
vector_library""".split()

# Why a script of the folder is not among them.
LEFT_OUT = {
    "apicalls": "is called from C++, function by function",
    "classes": "classes, which are behind a flag",
    "coverage": "the C++ interface for coverage",
    "cyield": "functions of the test program that yield",
    "debugger": "the C++ interface for breakpoints",
    "exceptions": "functions of the test program that throw",
    "explicit_type_instantiations": "behind a flag",
    "integers": "the integer type, which is behind a flag",
    "integers_regspill": "the integer type, which is behind a flag",
    "interrupt": "the C++ interface for interrupts",
    "iter_fenv": "not asked for",
    "jit_inliner": "native code",
    "native": "native code",
    "native_integer_spills": "native code",
    "native_types": "native code",
    "native_userdata": "native code",
    "ndebug_upvalues": "code compiled without debug data",
    "safeenv": "an interface of the test program",
    "tmerror": "an interface of the test program",
    "types": "the type checker",
    "udata_direct": "userdata of the test program",
    "userdata": "userdata of the test program",
}

# Lines that cannot hold, because something that Moonlet promises is not what they ask for; docs/compatibility.md says
# why. They are left out of the run, or stand there without what they ask for; everything else of the script is run.
BY_DESIGN = {
    "tables": {801: "", 802: ""},
    "basic": {249: "", 250: "", 324: "end)())"},
    "pcall": {171: "", 174: "", 177: "", 189: "", 192: ""},
}

# Under trips these cannot hold besides: a trip is a full collection, also while the collector is stopped.
UNDER_TRIPS = {
    "gc": {112: "  until true"},
}

# Bounds of Luau's test program that are not Moonlet's: an allocator that has no block of more than 8 MB, of which 16 are
# asked for; stacks of a million slots, of which 400,000 are.
BOUNDS = {
    "pcall": ["--max-memory", "12000000"],
    "gc": ["--max-stack", "1000000"],
}

WRITES_TO_GLOBALS = re.compile(r"\b_G\s*(\.\s*\w+|\[[^\]]*\])\s*=[^=]|rawset\(_G|setfenv\(0")
TRIPS = re.compile(r"^safepoints (\d+), trips (\d+), bytes (\d+) .*refusals (\d+)", re.MULTILINE)


def command_of(options, path, trips):
    words = [str(options.moonlet), "exec", "--dialect", "luau", "--show-result", "--luau-test-helpers"]
    if WRITES_TO_GLOBALS.search(path.read_text(encoding="latin-1")):
        words.append("--no-sandbox")
    words += BOUNDS.get(path.stem, [])
    if trips:
        words += ["--trip-every", str(trips), "--trip-report"]
    return words + [path.name]


def lines_left_out(name, trips):
    return {**BY_DESIGN.get(name, {}), **(UNDER_TRIPS.get(name, {}) if trips else {})}


def without_lines(options, name, trips, folder):
    """The script itself, or a copy with other lines in some places."""
    path = options.folder / f"{name}.luau"
    others = lines_left_out(name, trips)
    if not others or options.all_lines:
        return path
    lines = path.read_bytes().split(b"\n")
    for number, text in others.items():
        lines[number - 1] = text.encode()
    copy = pathlib.Path(folder) / path.name
    copy.write_bytes(b"\n".join(lines))
    return copy


def run(options, path, trips):
    """What went wrong, or None; and the seconds."""
    command = command_of(options, path, trips)
    began = time.monotonic()
    try:
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=options.timeout, check=False)
    except subprocess.TimeoutExpired:
        return f"has not ended after {options.timeout} s", options.timeout
    seconds = time.monotonic() - began
    printed = done.stdout.decode("utf-8", "replace").rstrip("\n").split("\n")
    errors = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0 or printed[-1] != "OK":
        first = next((line for line in errors.split("\n") if line.strip()), f"printed {printed[-1]!r}")
        return f"exit code {done.returncode}: {first}", seconds
    if trips:
        found = TRIPS.search(errors)
        if not found or (found.group(2) == "0" and int(found.group(1)) >= trips):
            return "made no trips", seconds
        if found.group(4) != "0":
            return f"{found.group(4)} trips were refused: " + " ".join(errors[found.end():].split()), seconds
    return None, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="tests/conformance of Luau")
    parser.add_argument("--moonlet", type=pathlib.Path, required=True)
    parser.add_argument("--trips", default="", help="numbers, with commas between them")
    parser.add_argument("--timeout", type=float, default=120, help="seconds, of each run")
    parser.add_argument("files", nargs="*", help="names of scripts; without any, all that are to pass")
    parser.add_argument("--all-lines", action="store_true", help="also those that cannot hold by design")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return run_all(options, folder)


def run_all(options, folder):
    options.moonlet = options.moonlet.resolve()
    modes = [0] + [int(n) for n in options.trips.split(",") if n]
    passed = failed = 0
    for name in options.files or FILES:
        if not (options.folder / f"{name}.luau").exists():
            print(f"FAILED {name}: not in {options.folder}")
            failed += 1
            continue
        for trips in modes:
            path = without_lines(options, name, trips, folder)
            if path.parent != options.folder:
                left_out = ", ".join(map(str, lines_left_out(name, trips)))
                print(f"       {name}: without lines {left_out}")
            problem, seconds = run(options, path, trips)
            label = name if not trips else f"{name} --trip-every {trips}"
            if problem is None:
                passed += 1
                print(f"ok     {label} ({seconds:.1f} s)")
            else:
                failed += 1
                print(f"FAILED {label}: {problem}\n       {' '.join(command_of(options, path, trips))}")
    if not options.files:
        others = sorted(p.stem for p in options.folder.glob("*.luau") if p.stem not in FILES)
        for name in others:
            print(f"left out {name}: {LEFT_OUT.get(name, 'not known')}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The programs of tests/golden/ go from build to build: each step is a process of another machine.

Each build begins each program, which must give the golden image and state, byte for byte; then the
builds take turns, each with the state of the one before, until the program ends as NAME.json says. All
states on the way must be the same whoever began and whoever went on. A build for another machine runs
under qemu. Without arguments: release and aarch64 (scripts/build.sh aarch64 moonlet_golden_step).

usage: move_golden.py [BUILD...]
"""

import itertools
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/golden"
ENDED, WAITS = 0, 3
STEPS_MAX = 10_000


def machine_of(path):
    """The machine that an ELF program is for, as its header has it."""
    return int.from_bytes(path.read_bytes()[18:20], "little")


def command_of(build):
    path = ROOT / "build" / build / "moonlet_golden_step"
    if not path.is_file():
        sys.exit(f"move_golden: there is no {path}: scripts/build.sh {build} moonlet_golden_step")
    if machine_of(path) == machine_of(pathlib.Path(sys.executable)):
        return [str(path)]
    qemu = shutil.which("qemu-aarch64") or sys.exit("move_golden: this needs qemu-aarch64")
    return [qemu, "-L", "/usr/aarch64-linux-gnu", str(path)]


def step(command, what, name, image, state):
    done = subprocess.run([*command, what, GOLDEN / name, image, state], capture_output=True,
                          timeout=60)
    if done.returncode not in (ENDED, WAITS):
        raise ValueError(done.stderr.decode(errors="replace").strip())
    return done


def journey(commands, name, work):
    """All states of a program that begins on the first of the builds and then goes round, and its end."""
    image, state = work / "image", work / "state"
    builds = itertools.cycle(commands)
    step(next(builds), "begin", name, image, state)
    if image.read_bytes() != (GOLDEN / f"{name}.image").read_bytes():
        raise ValueError("another image than the golden one")
    states = [state.read_bytes()]
    if states[0] != (GOLDEN / f"{name}.state").read_bytes():
        raise ValueError("another state than the golden one")
    for command in itertools.islice(builds, STEPS_MAX):
        done = step(command, "go-on", name, image, state)
        if done.returncode == ENDED:
            return states, done.stdout
        states.append(state.read_bytes())
    raise ValueError("it does not end")


def check(builds, name, work):
    """What is wrong, or None; and how many states have moved."""
    expected = (GOLDEN / f"{name}.json").read_bytes()
    seen = None
    moves = 0
    for order in itertools.permutations(builds):
        names = ", then ".join(build for build, _ in order)
        try:
            states, end = journey([command for _, command in order], name, work)
        except (ValueError, subprocess.SubprocessError) as error:
            return f"{names}: {error}", moves
        if end != expected:
            return f"{names}: it ends with {end.decode(errors='replace')}", moves
        if seen is not None and states != seen:
            return f"{names}: other states on the way", moves
        seen = states
        moves += len(states)
    return None, moves


def main():
    builds = [(build, command_of(build)) for build in sys.argv[1:] or ["release", "aarch64"]]
    if len(builds) < 2:
        sys.exit("usage: move_golden.py [BUILD BUILD...]")
    passed = failed = moved = 0
    for program in sorted(GOLDEN.glob("*.lua")):
        with tempfile.TemporaryDirectory() as work:
            problem, moves = check(builds, program.stem, pathlib.Path(work))
        moved += moves
        if problem:
            failed += 1
            print(f"FAILED {program.stem}: {problem}")
        else:
            passed += 1
            print(f"ok {program.stem}: {moves} states")
    print(f"{moved} states went from one of {', '.join(build for build, _ in builds)} to the next")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The same program gives the same states, byte for byte, whatever compiler and machine it runs on.

Runs programs of the corpus under several builds of moonlet, each frozen at some of its safepoints,
and compares what they print and every state. Then an order of examples/order goes from build to build:
each step is a process that resumes what another build has frozen.

Without arguments: the presets that have been built here. A build for another machine runs under qemu.
"""

import argparse
import collections
import concurrent.futures
import filecmp
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import run_corpus

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRESETS = ["release", "gcc", "dev", "aarch64"]
ORDER = ROOT / "examples/order"
# A program has at most this many states that are compared; --all: ten times as many.
STATES_MAX = 40

Build = collections.namedtuple("Build", "name path runner")
Run = collections.namedtuple("Run", "outcome folder")


def machine_of(path):
    """The machine that an ELF program is for, as its header has it; None: no ELF program."""
    with open(path, "rb") as file:
        head = file.read(20)
    return int.from_bytes(head[18:20], "little") if head[:4] == b"\x7fELF" else None


def is_current(program):
    """Is a program newer than all that it is made of?"""
    sources = (path for folder in ["src", "include"] for path in (ROOT / folder).rglob("*")
               if path.is_file() and not path.name.endswith(("_test.cpp", ".md")))
    return program.stat().st_mtime >= max(path.stat().st_mtime for path in sources)


def find_builds(names):
    """Builds by the path of their program or by preset; those that are there, if none is named."""
    builds, here = [], machine_of(sys.executable)
    for name in names or PRESETS:
        path = ROOT / "build" / name / "moonlet" if name in PRESETS else pathlib.Path(name).resolve()
        if not path.is_file():
            if names:
                sys.exit(f"compare_builds: there is no program {path}")
            continue
        if name in PRESETS and not is_current(path):
            if names:
                sys.exit(f"compare_builds: {name} is older than its sources: scripts/build.sh {name} moonlet")
            print(f"leaving out {name}, which is older than its sources")
            continue
        runner = []
        if machine_of(path) != here:
            qemu = shutil.which("qemu-aarch64") or sys.exit(f"compare_builds: {name} needs qemu-aarch64")
            runner = [qemu, "-L", "/usr/aarch64-linux-gnu"]
        builds.append(Build(name, str(path), runner))
    return builds


class Comparison:
    def __init__(self, builds, options, work):
        self.builds, self.options, self.work = builds, options, pathlib.Path(work)
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("LUA_")}
        self.states = 0

    def start(self, build, words, **more):
        """Runs a build. Programs see the name they are called by, so that has to be the same."""
        command = ["moonlet"] + [str(word) for word in words]
        if build.runner:
            command = build.runner + ["-0", "moonlet", build.path] + command[1:]
        executable = build.runner[0] if build.runner else build.path
        return subprocess.run(command, executable=executable, env=self.environment, capture_output=True,
                              timeout=self.options.timeout, **more)

    # ---- Programs of the corpus, frozen at some safepoints.

    def safepoints_between(self, program):
        """How many safepoints lie between two states."""
        report = self.run_program(self.builds[0], program, ["--trip-every", 1 << 40, "--trip-report"])
        found = re.search(rb"safepoints (\d+), trips", report.stderr)
        count = int(found.group(1)) if found else 0
        every = count // self.options.states + 1
        # An odd distance does not keep step with the loops of a program.
        return every | 1 if every > 1 else 1

    def run_program(self, build, program, flags):
        with tempfile.TemporaryFile() as given:
            given.write("".join(line + "\n" for line in program.stdin).encode())
            given.seek(0)
            return self.start(build, ["exec", *flags, program.path, *program.args], cwd=ROOT,
                              stdin=given)

    def freeze(self, build, program, every, folder):
        """Runs a program to its end; its states are in the folder then."""
        # The folder's name is an argument, which the program sees.
        dump = folder.with_name("dump")
        dump.mkdir()
        done = self.run_program(build, program, ["--trip-every", every, "--trip-dump", dump])
        dump.rename(folder)
        return Run((done.returncode, done.stdout, done.stderr), folder)

    def compare_program(self, program):
        """What differs between the builds, or None."""
        work = self.work / str(program.path).replace("/", "_")
        work.mkdir()
        try:
            every = self.safepoints_between(program)
            runs = [self.freeze(build, program, every, work / build.name.replace("/", "_"))
                    for build in self.builds]
        except subprocess.TimeoutExpired:
            return f"took longer than {self.options.timeout} s"
        problem = None
        for build, run in zip(self.builds[1:], runs[1:]):
            problem = problem or self.difference(build, runs[0], run)
        self.states += len(os.listdir(runs[0].folder))
        if problem is None:
            shutil.rmtree(work)
            return None
        kept = pathlib.Path(tempfile.mkdtemp(prefix="moonlet-states-"))
        shutil.move(str(work), kept)
        return f"{problem}\n  a state at every {every} safepoints, kept in {kept}"

    def difference(self, build, first, second):
        names = f"{self.builds[0].name} and {build.name}"
        if first.outcome != second.outcome:
            shown = [f"exit code {code}\n{(err or out)[-300:].decode(errors='backslashreplace')}"
                     for code, out, err in (first.outcome, second.outcome)]
            return f"{names} print different things: {shown[0]}\n  and {shown[1]}"
        files = sorted(os.listdir(first.folder)), sorted(os.listdir(second.folder))
        if files[0] != files[1]:
            return f"{names} stop at different safepoints"
        _, mismatch, errors = filecmp.cmpfiles(first.folder, second.folder, files[0], shallow=False)
        if mismatch or errors:
            name = sorted(mismatch + errors)[0]
            a, b = ((run.folder / name).read_bytes() for run in (first, second))
            at = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return f"{names} differ in {len(mismatch + errors)} states, first in {name} at byte {at}"
        return None

    # ---- An order that goes from build to build.

    def order_step(self, build, machine, number):
        """One process: it begins, or resumes what is in the state file, up to the next host call."""
        state = ["--dehydrate-after", 1, "--state", "order.state"]
        words = ["resume", "order.moonlet.json"] + state
        if number == 0:
            given = '{"orderId":42,"userId":1}'
            words = ["run", "order.moonlet.json", "process_order", given, *state, "--id", "order",
                     "--seed", 1]
        done = self.start(build, words, cwd=machine)
        if done.returncode != 0:
            raise ValueError(f"{build.name}, step {number}: {done.stderr.decode(errors='replace')}")
        return done

    def order(self, pick):
        """The states of all steps and the result; pick(n) is the build of step n."""
        with tempfile.TemporaryDirectory(dir=self.work) as folder:
            machine = pathlib.Path(folder)
            for name in ["order.moonlet.json", "order.lua", "host.py"]:
                shutil.copy(ORDER / name, machine)
            self.environment["ORDER_DB"] = str(machine / "shop.db")
            subprocess.run([ORDER / "setup.sh", machine / "shop.db"], check=True,
                           stdout=subprocess.DEVNULL)
            states = []
            for number in range(20):
                done = self.order_step(pick(number), machine, number)
                if done.stdout:
                    return states, done.stdout
                states.append((machine / "order.state").read_bytes())
        raise ValueError("the order does not end")

    def compare_orders(self):
        picks = [(build.name, lambda _, build=build: build) for build in self.builds]
        picks.append(("all builds in turn", lambda number: self.builds[number % len(self.builds)]))
        seen = []
        for name, pick in picks:
            try:
                seen.append((name, self.order(pick)))
            except (ValueError, subprocess.SubprocessError) as error:
                return f"{name}: {error}"
        self.states += len(seen[0][1][0])
        for name, (states, result) in seen[1:]:
            if result != seen[0][1][1]:
                return f"{name}: another result than with {seen[0][0]}: {result.decode()}"
            for number, (a, b) in enumerate(zip(seen[0][1][0], states)):
                if a != b:
                    return f"{name}: the state after host call {number + 1} is not {seen[0][0]}'s"
        return None


def left_out(program):
    """The reason why the states of a program may differ, or None."""
    text = (ROOT / program.path).read_text(encoding="utf-8", errors="replace")
    # Names of temporary files, the environment, other programs.
    if re.search(r"os\.(tmpname|getenv|execute|clock|rename)|io\.(popen|tmpfile)", text):
        return "shows what the system says"
    if program.left_out_of("trip:101"):
        return program.reason
    return None


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("builds", nargs="*", help="presets, or paths of moonlet programs")
    parser.add_argument("--programs", action="append", default=[], metavar="NAME",
                        help="files, folders, or a part of their path; none: all")
    parser.add_argument("--all", action="store_true", help="ten times as many states")
    parser.add_argument("--jobs", "-j", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one run (120)")
    options = parser.parse_args()
    options.states = STATES_MAX * (10 if options.all else 1)
    return options


def main():
    options = parse_arguments()
    builds = find_builds(options.builds)
    if len(builds) < 2:
        present = " ".join(build.name for build in builds) or "none"
        print(f"compare_builds: two builds are needed, there is {present}; scripts/build.sh makes "
              f"{' '.join(PRESETS)}")
        print("0 passed, 0 failed, 1 skipped")
        return
    print("comparing " + ", ".join(build.name for build in builds))
    programs = [run_corpus.Program(path) for path in run_corpus.find_programs(options.programs)]
    counts, reasons = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory(prefix="moonlet-compare-") as work:
        comparison = Comparison(builds, options, work)
        tried = []
        for program in programs:
            reason = left_out(program)
            if reason:
                counts["skipped"] += 1
                reasons[reason] += 1
            else:
                tried.append(program)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for program, problem in zip(tried, pool.map(comparison.compare_program, tried)):
                counts["failed" if problem else "passed"] += 1
                if problem:
                    print(f"FAILED {program.path}: {problem}", flush=True)
        problem = comparison.compare_orders()
        counts["failed" if problem else "passed"] += 1
        if problem:
            print(f"FAILED examples/order: {problem}")
    for reason, count in sorted(reasons.items()):
        print(f"skipped {count}: {reason}")
    print(f"{comparison.states} states, each the same in {len(builds)} builds"
          if not counts["failed"] else f"{comparison.states} states compared")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="backslashreplace")
    main()

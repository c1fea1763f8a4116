#!/usr/bin/env python3
"""Runs Lua's own test suite, release v5.4.8, as it is: none of it is part of this project.

It is the folder testes of the public repository lua/lua at its tag v5.4.8:

    git clone --depth 1 --branch v5.4.8 https://github.com/lua/lua.git
    tests/run_reference.py --testes lua/testes [--moonlet PROGRAM]

That runs all.lua with _U=true, which has to print "final OK !!!", and main.lua with _port=true. With
--trips 101,1009 each file of a list runs alone with _soft and _port, frozen, dropped and thawed at every
101st safepoint, then at every 1009th. It has to end well, with as many trips as the safepoints ask for;
only for open files may one be refused. For 1 and 17 the list is shorter (docs/compatibility.md); --files
names others. The suite writes files, so a copy of the folder is what it runs in.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SHORT = ("bitwise closure coroutine errors events goto literals locals nextvar pm strings tpack utf8 "
         "vararg").split()
LONG = "calls constructs math sort".split()
# A file's own warnings may stand before it, on the same line.
REPORT = re.compile(r"safepoints (\d+), trips (\d+), bytes (\d+) \(largest state (\d+)\), "
                    r"refusals (\d+)\n((?:  refused .*\n)*)\Z")
REFUSAL = re.compile(r"  refused (\d+) times: (.*)")


def files_for(trips):
    """What the project promises for this distance of trips."""
    return {1: SHORT, 17: LONG}.get(trips, sorted(SHORT + LONG))


class Suite:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        # Variables such as LUA_INIT would be seen by the suite.
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("LUA_", "MOONLET"))}

    def run(self, words):
        """Exit code (None: the time limit), standard output, standard error and seconds."""
        start = time.monotonic()
        process = subprocess.Popen([self.options.moonlet, "exec", *words], cwd=self.folder,
                                   env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   encoding="utf-8", errors="replace", start_new_session=True)
        code = None
        try:
            out, err = process.communicate(timeout=self.options.timeout)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        return code, out, err, time.monotonic() - start

    def complaint(self, code, err):
        if code is None:
            return f"took longer than {self.options.timeout:g} s"
        if code < 0:
            return f"ended by signal {signal.Signals(-code).name}\n{err[-2000:].rstrip()}"
        return f"exit code {code}\n{err[-2000:].rstrip()}" if code else None

    def whole(self, name, assignment, last_words):
        """Whether it passes."""
        code, out, err, seconds = self.run(["-e", assignment, name])
        problem = self.complaint(code, err)
        if not problem and last_words and last_words not in out.split("\n"):
            problem = f"{last_words} was not printed; the last lines:\n{out[-500:].rstrip()}"
        print(f"{name:14} {'FAILED' if problem else 'ok'} {seconds:10.2f} s", flush=True)
        show(problem)
        return not problem

    def tripped(self, name, every):
        """Whether it passes, and how many safepoints, trips, bytes and seconds there were."""
        code, _, err, seconds = self.run(["--trip-every", str(every), "--trip-report",
                                          "-e", "_soft=true _port=true", name + ".lua"])
        problem = self.complaint(code, err)
        report = REPORT.search(err)
        counts = [0, 0, 0, 0, 0]
        if report:
            counts = [int(number) for number in report.groups()[:5]]
            problem = problem or wrong_in(counts, report.group(6), every)
        else:
            problem = problem or f"no report of trips:\n{err[-2000:].rstrip()}"
        safepoints, trips, size, largest, refused = counts
        print(f"{name:10} {every:5} {safepoints:10} {trips:9} {size:14} {largest:10} {refused:8} "
              f"{seconds:8.2f}  {'FAILED' if problem else 'ok'}", flush=True)
        show(problem)
        return not problem, (safepoints, trips, size, seconds)


def wrong_in(counts, refusals, every):
    """What the report says that must not be, or None."""
    safepoints, trips, _, _, refused = counts
    files = 0
    for line in refusals.splitlines():
        times, reason = REFUSAL.match(line).groups()
        if "FILE*" not in reason:
            return f"refused {times} times: {reason}"
        files += int(times)
    if files != refused:
        return f"{refused} refusals, of which {files} are explained"
    if trips + refused != safepoints // every:
        return f"{trips} trips and {refused} refusals, where {safepoints // every} trips are due"
    return None


def show(problem):
    for line in problem.split("\n") if problem else []:
        print(f"  | {line}", flush=True)


def run_whole(suite):
    """How many passed and failed."""
    passed = suite.whole("all.lua", "_U=true", "final OK !!!")
    passed += suite.whole("main.lua", "_port=true", None)
    return passed, 2 - passed


def run_tripped(suite):
    print(f"{'file':10} {'every':>5} {'safepoints':>10} {'trips':>9} {'bytes':>14} {'largest':>10} "
          f"{'refused':>8} {'seconds':>8}")
    runs = passed = 0
    sums = [0, 0, 0, 0]
    for every in suite.options.trips:
        for name in suite.options.files or files_for(every):
            is_ok, counts = suite.tripped(name, every)
            runs, passed = runs + 1, passed + is_ok
            sums = [before + more for before, more in zip(sums, counts)]
    safepoints, trips, size, seconds = sums
    print(f"{safepoints} safepoints, {trips} trips, {size} bytes, {seconds:.0f} s")
    return passed, runs - passed


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--testes", type=pathlib.Path, required=True, metavar="FOLDER")
    parser.add_argument("--moonlet", default="build/release/moonlet", metavar="PROGRAM")
    parser.add_argument("--trips", metavar="N,N,...", default="")
    parser.add_argument("--files", metavar="NAME,NAME,...", default="", help="for --trips, without .lua")
    parser.add_argument("--timeout", type=float, default=600, metavar="SECONDS",
                        help="for each run (600)")
    options = parser.parse_args()
    for missing in [n for n in ("all.lua", "main.lua") if not (options.testes / n).is_file()]:
        parser.error(f"{options.testes} has no {missing}; it should be the suite's folder testes")
    options.moonlet = shutil.which(options.moonlet) or parser.error(
        f"no program {options.moonlet}; build it, or name it with --moonlet")
    options.moonlet = os.path.abspath(options.moonlet)
    numbers = [n for n in options.trips.split(",") if n]
    if not all(re.fullmatch("[1-9][0-9]*", n) for n in numbers):
        parser.error(f"--trips wants numbers from 1 on: {options.trips}")
    options.trips = [int(n) for n in numbers]
    options.files = [n.removesuffix(".lua") for n in options.files.split(",") if n]
    for name in options.files:
        if not (options.testes / f"{name}.lua").is_file():
            parser.error(f"{options.testes} has no {name}.lua")
    if options.files and not options.trips:
        parser.error("--files is for --trips")
    return options


def main():
    options = parse_arguments()
    with tempfile.TemporaryDirectory() as parent:
        folder = pathlib.Path(parent) / "testes"
        shutil.copytree(options.testes, folder)
        suite = Suite(options, folder)
        passed, failed = run_tripped(suite) if options.trips else run_whole(suite)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

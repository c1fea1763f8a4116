#!/usr/bin/env python3
"""Runs the language corpus: small Lua programs whose expectations stand in trailing comments.

Each file runs in one or more modes; a mode is the same program under other conditions, and the
expectations stay the same:

  plain    as it is
  trip:N   frozen, dropped and thawed at every Nth safepoint
  process:N  the same, each time going on in another process; only open files may be refused
  stress   a full collection at every checkpoint
  fail     the program runs anew for every allocation that may fail; see src/cli/exec_sweep.hpp for
           what must hold then. Where that would take too long, for some of them, which is reported
  peer     under the reference program, which checks the expectations themselves

See README.md in this folder for how to write a file.
"""

import argparse
import collections
import concurrent.futures
import difflib
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = pathlib.Path("tests/language")
BEYOND_REFERENCE = CORPUS / "moonlet"

DEFAULT_MODES = ["plain", "trip:1", "process:101", "stress", "fail"]
ALL_MODES = ["plain", "trip:1", "trip:7", "trip:101", "process:13", "stress", "fail"]
# What --fail-work is, in millions of units of fuel for each program, without and with --all.
FAIL_WORK, FAIL_WORK_ALL = 20, 200

DIRECTIVE = re.compile(r"--\s*(expect|expect error|expect exit|expect stderr|modes|args|stdin):(.*)$")
CRASH_TEXTS = ["internal error", "AddressSanitizer", "LeakSanitizer", "ThreadSanitizer",
               "UndefinedBehaviorSanitizer", ": runtime error: "]

Flag = collections.namedtuple("Flag", "arguments words")
SWEPT = re.compile(r"fail-alloc=N\S*: \d+ allocations, (\d+) runs( \(.*\))?, \d+ with memory errors$",
                   re.MULTILINE)
TRIPS = re.compile(r"^safepoints \d+, trips \d+, .*\n((?:  refused .*\n)*)", re.MULTILINE)
Outcome = collections.namedtuple("Outcome", "status detail command seconds note")


def comparable(line):
    """A comment cannot well show tabs and outer blanks, so neither counts."""
    return line.replace("\t", " ").strip()


class Program:
    """One file of the corpus and what its comments ask for."""

    def __init__(self, path):
        self.path = path
        self.lines, self.errors, self.stderr, self.stdin, self.args = [], [], [], [], []
        self.exit_code = None
        self.only_modes, self.reason = None, ""
        text = (ROOT / path).read_text(encoding="utf-8", errors="surrogateescape")
        for number, line in enumerate(text.split("\n"), 1):
            found = DIRECTIVE.search(line)
            if found:
                self.take(found.group(1), comparable(found.group(2)), number)
        if self.errors and self.exit_code is None:
            self.exit_code = 1
        if not (self.lines or self.errors or self.stderr or self.exit_code is not None):
            raise ValueError(f"{path}: no expectation in it")

    def take(self, name, value, number):
        if name == "expect":
            self.lines.append(value)
        elif name == "expect error":
            self.errors.append(value)
        elif name == "expect stderr":
            self.stderr.append(value)
        elif name == "expect exit":
            self.exit_code = int(value)
        elif name == "args":
            self.args += shlex.split(value)
        elif name == "stdin":
            self.stdin.append(value)
        else:
            words, dashes, reason = value.partition(" -- ")
            if not dashes or not reason.strip():
                raise ValueError(f"{self.path}:{number}: modes need a reason: -- modes: plain -- why")
            self.only_modes, self.reason = words.split(), reason.strip()

    def left_out_of(self, mode):
        """The reason why this file does not run in that mode, or None."""
        if mode == "peer" and BEYOND_REFERENCE in self.path.parents:
            return "goes beyond the reference"
        if self.only_modes is None or mode == "peer":
            return None
        family = mode.partition(":")[0]
        return None if mode in self.only_modes or family in self.only_modes else self.reason

    def complaint(self, result):
        """What is wrong with the result of a run, or None."""
        problems = []
        printed = [comparable(line) for line in result.stdout.split("\n")]
        if printed[-1] == "":
            printed.pop()
        if printed != self.lines:
            diff = difflib.unified_diff(self.lines, printed, "expected", "printed", lineterm="", n=2)
            problems.append("\n".join(list(diff)[:40]))
        if result.returncode != (self.exit_code or 0):
            problems.append(f"exit code {self.exit_code or 0} expected, got {result.returncode}")
        for text in self.errors + self.stderr:
            if text not in result.stderr:
                problems.append(f"not on stderr: {text}")
        if problems and result.stderr:
            problems.append("stderr: " + result.stderr[-1500:].rstrip())
        elif result.stderr and not (self.errors or self.stderr or self.exit_code):
            problems.append("unexpected on stderr: " + result.stderr[:1500].rstrip())
        return "\n".join(problems) or None


def crash_in(result):
    if result.returncode < 0:
        return f"ended by signal {signal.Signals(-result.returncode).name}"
    for text in CRASH_TEXTS:
        if text in result.stderr:
            return f"'{text.strip(' :')}' on stderr"
    return None


class Runner:
    def __init__(self, options):
        self.options = options
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith("LUA_")}
        self.help = None

    def unknown_flag(self, mode):
        """Why the program cannot do this mode, or None. The program's own help is asked."""
        words = {"trip": ["--trip-every"], "process": ["--trip-process"], "stress": ["--stress", "collect"],
                 "fail": ["--stress", "sweep"]}.get(mode.partition(":")[0], [])
        if not words:
            return None
        if self.help is None:
            asked = subprocess.run([self.options.moonlet, "exec", "--help"], capture_output=True,
                                   text=True, errors="replace", timeout=20, stdin=subprocess.DEVNULL)
            self.help = asked.stdout + asked.stderr
        missing = [word for word in words if word not in self.help]
        return f"the program does not know {' '.join(words)} yet" if missing else None

    def command(self, program, mode):
        if mode == "peer":
            start = [self.options.peer]
        else:
            family, _, number = mode.partition(":")
            flags = {"plain": [], "trip": ["--trip-every", number],
                     "process": ["--trip-process", number, "--trip-report"],
                     "stress": ["--stress", "collect"],
                     "fail": ["--stress", f"sweep={self.options.fail_work}"]}[family]
            start = [self.options.moonlet, "exec"] + flags
        return start + [str(program.path)] + program.args

    def shown(self, program, command):
        text = shlex.join(command)
        if program.stdin:
            text = "printf '%s\\n' " + shlex.join(program.stdin) + " | " + text
        return text

    def execute(self, program, command):
        """Runs to the end or the time limit; None: it took too long."""
        # A file, which a sweep can read more than once.
        with tempfile.TemporaryFile() as given:
            given.write("".join(line + "\n" for line in program.stdin).encode())
            given.seek(0)
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdin=given,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       encoding="utf-8", errors="surrogateescape",
                                       start_new_session=True)
        try:
            out, err = process.communicate(timeout=self.options.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def run(self, program, mode):
        start = time.monotonic()
        command = self.command(program, mode)
        result = self.execute(program, command)
        note = None
        if result is None:
            problem = f"took longer than {self.options.timeout} s"
        else:
            problem = crash_in(result)
            if problem:
                problem += "\nstderr: " + result.stderr[-3000:].rstrip()
            elif mode == "fail":
                problem, note = swept(result)
            else:
                refused = take_report(result) if mode.startswith("process") else None
                problem = refused or program.complaint(result)
        status = "failed" if problem else "passed"
        return Outcome(status, problem, self.shown(program, command), time.monotonic() - start, note)


def take_report(result):
    """Takes the report of trips off the standard error. What is wrong with it, or None."""
    report = TRIPS.search(result.stderr)
    if not report:
        return "no report of trips on the standard error\nstderr: " + result.stderr[-1500:]
    result.stderr = result.stderr[:report.start()] + result.stderr[report.end():]
    others = [line for line in report.group(1).split("\n") if line and "FILE*" not in line]
    return "\n".join(others) or None


def swept(result):
    """What a sweep found wrong, if anything; how many runs there were, and which it left out."""
    found = SWEPT.findall(result.stdout)
    if result.returncode != 0 or len(found) != 3:
        return result.stdout[-3000:].rstrip() or f"ended with exit code {result.returncode}", None
    return None, (sum(int(runs) for runs, _ in found), found[0][1].strip(" ()"))


def find_programs(names):
    """Files named, files below a folder named, or files whose path contains the text."""
    every = sorted(path.relative_to(ROOT) for path in (ROOT / CORPUS).rglob("*.lua*"))
    if not names:
        return every
    chosen = []
    for name in names:
        path = pathlib.Path(os.path.abspath(name))
        hits = [p for p in every if ROOT / p == path or path in (ROOT / p).parents]
        hits = hits or [p for p in every if name in str(p)]
        if not hits:
            sys.exit(f"run_corpus: no program in {CORPUS} matches {name}")
        chosen += [p for p in hits if p not in chosen]
    return chosen


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0],
                                     epilog="modes: " + ", ".join(ALL_MODES + ["peer"]))
    parser.add_argument("names", nargs="*", help="files, folders, or a part of their path; none: all")
    parser.add_argument("--moonlet", default=os.environ.get("MOONLET", "build/release/moonlet"))
    parser.add_argument("--peer", default="lua5.4", help="the reference program (mode peer)")
    parser.add_argument("--mode", action="append", default=[], help="may be repeated")
    parser.add_argument("--all", action="store_true", help="every mode but peer")
    parser.add_argument("--fail-work", type=int, metavar="WORK",
                        help=f"mode fail: fuel for each program ({FAIL_WORK}; --all: {FAIL_WORK_ALL})")
    parser.add_argument("--jobs", "-j", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--timeout", type=float, default=30, help="seconds for one run (30)")
    parser.add_argument("--verbose", action="store_true", help="more about the mode fail")
    parser.add_argument("--slowest", type=int, default=0, metavar="N", help="name the N slowest runs")
    options = parser.parse_args()
    options.mode = options.mode or (ALL_MODES if options.all else DEFAULT_MODES)
    if options.fail_work is None:
        options.fail_work = FAIL_WORK_ALL if options.all else FAIL_WORK
    for mode in options.mode:
        if not re.fullmatch(r"plain|(trip|process):[1-9]\d*|stress|fail|peer", mode):
            parser.error(f"no such mode: {mode}")
    return options


def check_program_exists(options):
    wanted = [options.peer] if options.mode == ["peer"] else [options.moonlet]
    for name in wanted:
        if shutil.which(name) is None:
            print(f"run_corpus: no program {name}; build it, or name it with --moonlet or $MOONLET")
            print("0 passed, 1 failed")
            sys.exit(1)


def main():
    options = parse_arguments()
    names = find_programs(options.names)
    os.chdir(ROOT)
    check_program_exists(options)
    counts, reasons, times = collections.Counter(), collections.Counter(), []
    programs = []
    for path in names:
        try:
            programs.append(Program(path))
        except ValueError as error:
            print(f"FAILED {error}")
            counts["failed"] += 1

    runner = Runner(options)
    work = []
    for mode in options.mode:
        unknown = runner.unknown_flag(mode)
        for program in programs:
            reason = unknown or program.left_out_of(mode)
            if reason:
                counts["skipped"] += 1
                reasons[(mode, reason)] += 1
            else:
                work.append((program, mode))

    swept_runs, thinned = 0, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        outcomes = pool.map(lambda item: runner.run(*item), work)
        for (program, mode), outcome in zip(work, outcomes):
            counts[outcome.status] += 1
            times.append((outcome.seconds, mode, program.path))
            if outcome.note:
                swept_runs += outcome.note[0]
                if outcome.note[1]:
                    thinned.append((program.path, outcome.note[1]))
            if outcome.status == "failed":
                print(f"FAILED {program.path} ({mode})\n  again: {outcome.command}")
                print("".join(f"  | {line}\n" for line in outcome.detail.split("\n")), end="",
                      flush=True)

    if swept_runs:
        print(f"fail: {swept_runs} runs with failing allocations; not each allocation in "
              f"{len(thinned)} programs")
        for path, note in thinned if options.verbose else []:
            print(f"  {path}: {note}")
    for (mode, reason), count in sorted(reasons.items()):
        print(f"skipped {count} in {mode}: {reason}")
    for seconds, mode, path in sorted(times, reverse=True)[:options.slowest]:
        print(f"{seconds:7.2f} s  {mode}  {path}")
    summary = f"{counts['passed']} passed, {counts['failed']} failed"
    if counts["skipped"]:
        summary += f", {counts['skipped']} skipped"
    print(summary)
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    # Output may hold bytes that are not UTF-8.
    sys.stdout.reconfigure(errors="backslashreplace")
    main()

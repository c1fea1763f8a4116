#!/usr/bin/env python3
"""Runs the transcripts in tests/cli: commands of the moonlet program, and exactly what they print.

    @ file NAME        the following lines, up to `@ end`, are put into a file
    $ COMMAND          run by sh, in a folder of the transcript's own; `moonlet` is the program
    | LINE             expected on the standard output, in order
    ! LINE             expected on the standard error, in order
    = CODE             the exit code, if it is not 0
    @ needs WORD       what has to be there, or the rest is skipped: full (/dev/full), unprivileged
                       (not being root: as root, the rest is run by nobody), tracing (see
                       tests/programs/die_in_rename.cpp), tmpfs (may mount one), fish, zsh, console
                       (examples/scripting/console.cpp is built)

$EXAMPLES is the folder of the examples; what they write has to stay in the transcript's own folder.
$TYPED is a program that types lines to another one, in a terminal.

Nothing may be printed that does not stand there. In an expected line <hash>, <id>, <number> and
<any> stand for what differs from run to run. Everything else starting a line is a comment.

Besides, docs/cli.md has to name every option that the program's own help names, and what it shows of messages
has to be in a transcript.

With --accept, what was printed replaces what was expected where they differ: read the difference
before you commit it.

usage: run_cli.py [--moonlet build/release/moonlet] [--show | --accept] [NAME...]
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests/cli"
TIMEOUT_SECONDS = 30
NOBODY = 65534
AT_ONCE = 4  # transcripts; much of what they do is waiting
WILD = {"<hash>": "[0-9a-f]{64}", "<id>": "[0-9a-f]{32}", "<number>": "[0-9]+", "<any>": ".*"}


class Case:
    def __init__(self, number, command):
        self.number, self.command = number, command
        self.out, self.err, self.code = [], [], 0
        self.end = number  # behind the last line of what is expected


def tamed(line):
    """A line as it would be expected: what differs from run to run is replaced."""
    line = re.sub(r"\b[0-9a-f]{64}\b", "<hash>", line)
    line = re.sub(r"\b[0-9a-f]{32}\b", "<id>", line)
    return re.sub(r"\b[0-9]+ (bytes of state|levels)", r"<number> \1", line)


def matches(expected, line):
    parts = re.split("(" + "|".join(WILD) + ")", expected)
    return re.fullmatch("".join(WILD.get(p) or re.escape(p) for p in parts), line) is not None


def lines_of(data):
    text = data.decode("utf-8", errors="backslashreplace")
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []


def difference(name, expected, printed):
    if len(expected) == len(printed) and all(map(matches, expected, printed)):
        return []
    return [f"  {name} expected:", *("  | " + line for line in expected),
            f"  {name} was:", *("  | " + line for line in printed)]


class Transcript:
    def __init__(self, path, options):
        self.path, self.options = path, options
        self.passed = self.failed = self.skipped = 0
        self.accepted = []
        self.said = []  # what to print, in order
        self.identity = {}  # who runs the commands, if not who runs this

    def environment(self, folder):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUA_", "MOONLET"))}
        programs = pathlib.Path(self.options.moonlet).resolve().parent
        return dict(kept, LC_ALL="C", HOME=folder, PATH=folder + "/.bin:" + kept["PATH"],
                    EXAMPLES=str(ROOT / "examples"), TYPED=str(ROOT / "tests/programs/typed.py"),
                    DIE_IN_RENAME=str(programs / "moonlet_die_in_rename"),
                    CONSOLE=str(programs / "example_console"))

    def has(self, what):
        if what == "full":
            return os.path.exists("/dev/full")
        if what == "unprivileged":
            return True
        if what == "console":
            return os.path.exists(self.environment("")["CONSOLE"])
        if what == "tmpfs":
            mount = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
            return (shutil.which("unshare") is not None
                    and subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0)
        if what in ("fish", "zsh"):
            return shutil.which(what) is not None
        tracer = self.environment("")["DIE_IN_RENAME"]
        return (what == "tracing" and os.path.exists(tracer)
                and subprocess.run([tracer, "true"], stderr=subprocess.DEVNULL).returncode == 0)

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(folder + "/.bin")
            os.symlink(pathlib.Path(self.options.moonlet).resolve(), folder + "/.bin/moonlet")
            self.go_through(folder)

    def go_through(self, folder):
        lines = self.path.read_text(encoding="utf-8").split("\n")
        at, case, lacks = 0, None, None
        while at < len(lines):
            line, at = lines[at], at + 1
            mark, rest = line[:2].rstrip(), line[2:]
            if case and mark not in ("|", "!", "="):
                case.end = at - 1
                self.check(case, folder, lacks)
                case = None
            if mark == "$":
                case = Case(at, rest)
            elif mark == "|" and case:
                case.out.append(rest)
            elif mark == "!" and case:
                case.err.append(rest)
            elif mark == "=" and case:
                case.code = int(rest)
            elif line.startswith("@ file "):
                end = lines.index("@ end", at)
                path = pathlib.Path(folder) / line[7:]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(text + "\n" for text in lines[at:end]), encoding="utf-8")
                at = end + 1
            elif line.startswith("@ needs "):
                lacks = None if self.has(line[8:]) else line[8:]
                if line[8:] == "unprivileged" and os.geteuid() == 0:
                    self.become_nobody(folder)

    def become_nobody(self, folder):
        program = pathlib.Path(folder) / ".bin/moonlet"
        program.unlink()
        shutil.copy(self.options.moonlet, program)  # it may lie where nobody can get at it
        for path in [folder, *pathlib.Path(folder).rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        self.identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def rewrite(self):
        lines = self.path.read_text(encoding="utf-8").split("\n")
        for case, expected in reversed(self.accepted):
            lines[case.number:case.end] = expected
        self.path.write_text("\n".join(lines), encoding="utf-8")

    def check(self, case, folder, lacks):
        if lacks:
            self.said.append(f"skipped {self.path.name}:{case.number}: needs {lacks}")
            self.skipped += 1
            return
        process = subprocess.Popen(["sh", "-c", case.command], cwd=folder,
                                   env=self.environment(folder), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True, **self.identity)
        try:
            out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            out, err = b"", b"(took too long)"
        out, err = lines_of(out), lines_of(err)
        if self.options.show:
            self.said.append("$ " + case.command)
            self.said += [f"| {line}" for line in out] + [f"! {line}" for line in err]
            if process.returncode:
                self.said.append(f"= {process.returncode}")
            self.said.append("")
            return
        problems = difference("stdout", case.out, out) + difference("stderr", case.err, err)
        if process.returncode != case.code:
            problems.append(f"  exit code {case.code} expected, got {process.returncode}")
        if problems and self.options.accept:
            self.accepted.append((case, [f"| {tamed(line)}" for line in out]
                                  + [f"! {tamed(line)}" for line in err]
                                  + ([f"= {process.returncode}"] if process.returncode else [])))
        elif problems:
            self.failed += 1
            self.said.append(f"FAILED {self.path.relative_to(ROOT)}:{case.number}: {case.command}")
            self.said.append("\n".join(problems))
        else:
            self.passed += 1


def commands_of(moonlet):
    done = subprocess.run([moonlet, "--help"], capture_output=True, text=True,
                          timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL)
    return re.findall(r"^  ([a-z]+) ", done.stdout, re.MULTILINE)


def undocumented(moonlet):
    """Options of the program's own help that docs/cli.md does not have, with their commands."""
    documents = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    missing = []
    for command in commands_of(moonlet):
        done = subprocess.run([moonlet, command, "--help"], capture_output=True, text=True,
                              timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL)
        options = sorted(set(re.findall(r"--[a-z][a-z-]*", done.stdout)) - {"--help"})
        if done.returncode != 0 or not done.stdout:
            missing.append(f"moonlet {command} --help")
        if not re.search(rf"^## (.*, )?{command}\b", documents, re.MULTILINE):
            missing.append(f"a section about {command}")
        missing += [f"{command} {option}" for option in options
                    if not re.search(re.escape(option) + r"(?![a-z-])", documents)]
    return missing


def invented():
    """Messages in docs/cli.md that no transcript has."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))
    section = (ROOT / "docs/cli.md").read_text(encoding="utf-8").split("## Messages")[1].split("\n## ")[0]
    shown = re.findall(r"^    (moonlet: .*)$", section, re.MULTILINE)
    return ["a section of messages"] if not shown else [
        line for line in shown
        if not re.search(r"^[!|] " + ".*".join(map(re.escape, line.split("..."))) + "$", texts, re.M)]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1])
    parser.add_argument("--moonlet", default=str(ROOT / "build/release/moonlet"))
    parser.add_argument("--show", action="store_true", help="print what happens; check nothing")
    parser.add_argument("--accept", action="store_true", help="expect what happens")
    parser.add_argument("names", nargs="*", help="parts of the transcripts' names; all")
    options = parser.parse_args()
    passed = failed = skipped = 0
    transcripts = [Transcript(path, options) for path in sorted(FOLDER.glob("*.txt"))
                   if not options.names or any(name in path.name for name in options.names)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(Transcript.run, transcripts):
            pass
    for transcript in transcripts:
        print("".join(line + "\n" for line in transcript.said), end="")
        if transcript.accepted:
            transcript.rewrite()
            print(f"{transcript.path.name}: accepted {len(transcript.accepted)}")
        passed += transcript.passed
        failed += transcript.failed
        skipped += transcript.skipped
    if not options.show:
        missing = undocumented(options.moonlet)
        for option in missing:
            print(f"FAILED docs/cli.md: {option} is not in it")
        passed, failed = passed + (not missing), failed + len(missing)
        unseen = invented()
        for message in unseen:
            print(f"FAILED docs/cli.md: no transcript has {message!r}")
        passed, failed = passed + (not unseen), failed + len(unseen)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not passed + skipped else 0)


if __name__ == "__main__":
    main()

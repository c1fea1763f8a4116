"""What the programs of this folder share: interpreters, the test programs, and single runs."""

import argparse
import math
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
TOOLS = ROOT / "build" / "bench-tools"

# In the order of the columns. The first is what the others are relative to.
PEERS = {"lua5.4": "lua5.4", "luajit-joff": "luajit -joff", "luajit": "luajit"}


def die(message):
    sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {message}")


def find_moonlet():
    """The newest moonlet of the release and bench presets."""
    built = [ROOT / "build" / preset / "moonlet" for preset in ("release", "bench")]
    built = [path for path in built if path.exists()]
    if not built:
        die("there is no build/release/moonlet; build it, or give --moonlet")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def add_interpreter_options(parser, names):
    parser.add_argument("--moonlet", metavar="PATH", help="the moonlet program (newest build)")
    parser.add_argument("--interpreters", metavar="NAMES", default=",".join(names),
                        help="of lua5.4, moonlet, luajit-joff, luajit; also NAME=COMMAND for any "
                             "other; the first is the base (%(default)s)")


def interpreters(options):
    """Name: command as a list, in the order asked for. Says which ones are not there."""
    result = {}
    for item in options.interpreters.split(","):
        name, given, command = item.partition("=")
        if not given:
            if name == "moonlet":
                command = shlex.quote(options.moonlet or find_moonlet()) + " exec"
                if getattr(options, "dialect", "lua54") == "luau":
                    command += " --dialect luau"
            elif name in PEERS:
                command = PEERS[name]
            else:
                die(f"unknown interpreter {name}; write {name}=COMMAND")
        words = shlex.split(command)
        if shutil.which(words[0]) is None:
            print(f"{name}: {words[0]} is not installed; left out", file=sys.stderr)
            continue
        result[name] = words
    if not result:
        die("no interpreter is left")
    return result


class Program:
    """One of programs/*.lua, with what its header says."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.header = {}
        for line in path.read_text().splitlines():
            if not line.startswith("--"):
                break
            match = re.match(r"-- (group|small|needs): (.*)$", line)
            if match:
                self.header[match.group(1)] = match.group(2)

    def path_for(self, command, dialect="lua54"):
        """The file that this interpreter runs: Luau's own, if it is Moonlet in Luau and there is one."""
        own = self.path.parent / "luau" / (self.name + ".luau")
        return own if runs_luau(command, dialect) and own.exists() else self.path

    def why_not(self, command, dialect="lua54"):
        """Why this interpreter cannot run it, or None."""
        needs = self.header.get("needs")
        if needs and runs_luau(command, dialect) and self.path_for(command, dialect) == self.path:
            return "needs " + needs
        if needs and pathlib.Path(command[0]).name.startswith("luajit"):
            return "needs " + needs
        return None


def runs_luau(command, dialect):
    return "exec" in command and (dialect == "luau" or "luau" in command)


def programs(patterns):
    """Those whose name or group contains one of the patterns; all without patterns."""
    found = [Program(path) for path in sorted((HERE / "programs").glob("*.lua"))]
    if patterns:
        found = [p for p in found
                 if any(x in p.name or x in p.header.get("group", "") for x in patterns)]
    if not found:
        die("no program has such a name or group")
    order = {}
    for program in found:
        order.setdefault(program.header.get("group", ""), len(order))
    return sorted(found, key=lambda p: (order[p.header.get("group", "")], p.name))


def measure_tool():
    """Compiles tools/measure.cpp when that is newer, and gives the program's path."""
    source, target = HERE / "tools" / "measure.cpp", TOOLS / "measure"
    if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
        compilers = [os.environ.get("CXX"), "c++", "clang++-19", "clang++", "g++"]
        compiler = next((c for c in compilers if c and shutil.which(c)), None)
        if compiler is None:
            die("no C++ compiler for tools/measure.cpp")
        TOOLS.mkdir(parents=True, exist_ok=True)
        made = target.with_suffix(f".{os.getpid()}")
        subprocess.run([compiler, "-O2", "-o", str(made), str(source)], check=True)
        made.rename(target)
    return str(target)


class Run:
    """Seconds and bytes of one finished process."""

    def __init__(self, line):
        wall, user, system, kilobytes, self.status = (int(x) for x in line.split())
        self.wall = wall / 1e9
        self.cpu = (user + system) / 1e9
        self.memory = kilobytes * 1024


def run(command, timeout=600, standard_input=None):
    """Runs a command to its end. Failing is the end of the benchmark: nothing it says would count."""
    with tempfile.TemporaryDirectory() as folder:
        figures = os.path.join(folder, "figures")
        try:
            done = subprocess.run([measure_tool(), figures, *command], timeout=timeout,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True)
        except subprocess.TimeoutExpired:
            die(f"no end after {timeout} s: {shlex.join(command)}")
        with open(figures) as file:
            result = Run(file.read())
        result.output = done.stdout
        if done.returncode != 0 or result.status != 0:
            die(f"failed: {shlex.join(command)}\n{done.stderr}")
    return result


def readable(command, folder):
    """The command with a program that valgrind 3.19 can read: without debugging information, which
    it does not understand when clang 19 and lld wrote it."""
    path = shutil.which(command[0])
    copy = os.path.join(folder, f"{len(os.listdir(folder))}-{pathlib.Path(path).name}")
    done = subprocess.run(["objcopy", "--strip-debug", path, copy], stderr=subprocess.DEVNULL)
    return [copy if done.returncode == 0 else path, *command[1:]]


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(math.log(v) for v in values) / len(values)) if values else math.nan


def spread(values):
    """The middle half of the values, relative to the median: what noise leaves undecided."""
    values = sorted(values)
    n = len(values)
    if n < 3:
        return math.nan
    quarter = n // 4
    return (values[n - 1 - quarter] - values[quarter]) / median(values)


def base_parser(description):
    return argparse.ArgumentParser(description=description,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)

#!/usr/bin/env python3
"""Checks that each folder of src/ includes only what its layer may use.

Three rules, over every file of src/ and include/ that is not a test, benchmark or fuzz target:

1. A header of another folder may be included only along the arrows of the table below.
2. The layers of the VM use the C++ standard library and nothing else; the public headers too.
3. Headers of an operating system appear in src/base/ only.

usage: check_layers.py [ROOT]
"""

import pathlib
import re
import sys

# Folder: the other folders of src/ whose headers it may include. ARCHITECTURE.md draws the same.
VM_BELOW = {"base", "bytecode", "heap"}
LAYERS = {
    "base": set(),
    "bytecode": {"base"},
    "frontend": {"base", "bytecode"},
    "heap": {"base", "bytecode"},
    "vm": VM_BELOW,
    "stdlib": VM_BELOW | {"vm"},
    "image": VM_BELOW | {"vm"},
    "jit": VM_BELOW | {"vm"},
    "api": VM_BELOW | {"vm", "frontend", "stdlib", "image", "jit"},
    "runtime": set(),
    "project": set(),
    "store": set(),
    "server": {"runtime", "project", "store"},
    "cli": {"runtime", "project", "store", "server"},
}

# These may include moonlet/*.hpp; everything outside of the VM stands on the public API.
PUBLIC_API_USERS = {"api", "runtime", "project", "store", "server", "cli"}

# The operating system is base's business, so these may ask base for it, but for nothing else there.
OS_USERS = {"runtime", "project", "store", "server", "cli"}
OS_HEADERS = "base/os/"

STANDARD_ONLY = {"base", "bytecode", "frontend", "heap", "vm", "stdlib", "image", "include"}

OPERATING_SYSTEM = re.compile(
    r"^(sys/.*|mach/.*|mach-o/.*|linux/.*|net/.*|netinet/.*|arpa/.*|asm/.*|"
    r"(unistd|fcntl|dirent|dlfcn|poll|pthread|pwd|grp|sched|semaphore|spawn|strings|syslog|termios|"
    r"ucontext|execinfo|glob|fnmatch|libgen|ftw|netdb|langinfo|malloc|alloca|windows|io|process|"
    r"direct|intrin|winsock2|ws2tcpip|crtdbg)\.h)$",
    re.IGNORECASE)

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
EXEMPT = re.compile(r"_(test|bench|fuzz)\.cpp$")
SUFFIXES = {".hpp", ".cpp", ".h", ".def"}


def includes_of(path):
    """Yields (line number, name, is quoted) for each include of a file."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) or match.group(2), match.group(1) is not None


def why_wrong_own(folder, name):
    """Why a file of `folder` may not include our header `name`, or None."""
    target = name.split("/", 1)[0]
    if "/" not in name or name.startswith("."):
        return "write headers with their folder, as in \"heap/value.hpp\""
    if target == "moonlet":
        if folder in PUBLIC_API_USERS or folder == "include":
            return None
        return f"{folder} lies below the public API"
    if folder == "include":
        return "public headers include only the standard library and moonlet/"
    if target not in LAYERS:
        return None
    if target == folder or target in LAYERS[folder]:
        return None
    if name.startswith(OS_HEADERS) and folder in OS_USERS:
        return None
    allowed = sorted(LAYERS[folder])
    if folder in OS_USERS:
        allowed += ["moonlet/", OS_HEADERS]
    return f"{folder} may not use {target}; it may use: {', '.join(allowed) or 'no other folder'}"


def why_wrong_foreign(folder, name, path):
    """Why a file of `folder` may not include the foreign header `name`, or None."""
    if folder == "include" and path.parent.name == "asio" and name.startswith("boost/"):
        return None  # what embedders that use Asio include, and nothing else does
    if OPERATING_SYSTEM.match(name):
        return None if folder == "base" else "operating system calls belong into src/base/os/"
    if folder in STANDARD_ONLY and folder != "base" and ("/" in name or name.endswith(".h")):
        # Intrinsics of the processor come with the compiler.
        if name.endswith("intrin.h") or name in ("arm_neon.h", "sanitizer/asan_interface.h"):
            return None
        return f"{folder} uses the C++ standard library alone"
    return None


def check_folder(root, folder, directory, errors):
    count = 0
    own = set(LAYERS) | {"moonlet"}
    for path in sorted(directory.rglob("*")):
        if path.suffix not in SUFFIXES or EXEMPT.search(path.name):
            continue
        count += 1
        for number, name, quoted in includes_of(path):
            is_own = quoted or name.split("/", 1)[0] in own and "/" in name
            why = (why_wrong_own(folder, name) if is_own
                   else why_wrong_foreign(folder, name, path))
            if why:
                errors.append(f"{path.relative_to(root)}:{number}: {name}: {why}")
    return count


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    if len(sys.argv) <= 1:
        root = root.parent.parent
    errors = []
    count = 0
    for directory in sorted((root / "src").iterdir()):
        if not directory.is_dir():
            continue
        if directory.name not in LAYERS:
            errors.append(f"src/{directory.name}: not in the table of {pathlib.Path(__file__).name}")
            continue
        count += check_folder(root, directory.name, directory, errors)
    if (root / "include").is_dir():
        count += check_folder(root, "include", root / "include", errors)
    for error in errors:
        print(error)
    if errors:
        return 1
    print(f"layers: {count} files include only what their folder may use")
    return 0


if __name__ == "__main__":
    sys.exit(main())

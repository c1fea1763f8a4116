"""Types the lines of its standard input to a program in a terminal, each at a prompt; prints what that shows besides.

usage: typed.py COMMAND..."""

import os
import pty
import re
import select
import sys
import termios

SECONDS = 20
PROMPT = re.compile(rb"(^|\n)>>? $")


def read_until_prompt(terminal, shown):
    """What is shown, with more of it; whether there is a prompt, or the program has ended."""
    while not PROMPT.search(shown):
        if not select.select([terminal], [], [], SECONDS)[0]:
            sys.exit("typed.py: no prompt after " + repr(shown))
        try:
            more = os.read(terminal, 65536)
        except OSError:  # the program has ended
            return shown, False
        if not more:
            return shown, False
        shown += more.replace(b"\r", b"")
    return shown, True


def main():
    lines = sys.stdin.buffer.read().splitlines()
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "dumb"
        # Who shows what is typed, terminal or program, depends on the moment.
        attributes = termios.tcgetattr(0)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, attributes)
        os.execvp(sys.argv[1], sys.argv[1:])
    everything = b""
    for line in [*lines, None]:
        shown, goes_on = read_until_prompt(terminal, b"")
        everything += shown
        if not goes_on:
            break
        os.write(terminal, b"\x04" if line is None else line + b"\n")
    else:
        everything += read_until_prompt(terminal, b"")[0]
    sys.stdout.buffer.write(everything + b"\n")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


main()

"""Runs a command in a pseudo-terminal, and writes all that it prints to a file.

Usage: run.py OUTPUT STEPS COMMAND [ARGUMENT]...

STEPS is JSON: [[text, keys], ...]. Once the text is seen, the keys are sent. The exit status is that of
the command.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

COLUMNS, ROWS, WIDTH, HEIGHT = 100, 30, 8, 17


def main():
    path, steps, command = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3:]
    child, terminal = pty.fork()
    if child == 0:
        size = struct.pack("HHHH", ROWS, COLUMNS, COLUMNS * WIDTH, ROWS * HEIGHT)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        os.execv(command[0], command)
    output, seen, end = b"", 0, time.monotonic() + 60
    while time.monotonic() < end:
        try:
            ready, _, _ = select.select([terminal], [], [], 1)
            part = os.read(terminal, 1 << 16) if ready else None
        except OSError:
            break
        if part == b"":
            break
        output += part or b""
        while steps and (at := output.find(steps[0][0].encode(), seen)) >= 0:
            text, keys = steps.pop(0)
            seen = at + len(text.encode())
            os.write(terminal, keys.encode())
    else:
        os.kill(child, 9)
        print(f"not seen: {steps[:1]}, after {output[seen:][-2000:]!r}")
    with open(path, "wb") as file:
        file.write(output)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()

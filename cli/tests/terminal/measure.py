"""Measures `tfevents watch` in a pseudo-terminal: time to load, memory, CPU while nothing happens, and the time from
a write to the screen.

    cargo build --release -p tfevents-cli
    cargo run --release -p tfevents-cli --example many_points -- /tmp/many 10 5000000
    python3 cli/tests/terminal/measure.py target/release/tfevents /tmp/many [SECONDS] [--check]

A run named `measured` is added to the log directory, and removed at the end. With `--check` it fails where a target is
missed that does not depend on other programs: less than 1 % of a core and 1.5 GiB. The target of a write is 250 ms.
"""

import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import termios
import time

TABLE = []
for number in range(256):
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    TABLE.append(number)


def checksum(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(event):
    length = struct.pack("<Q", len(event))
    return length + checksum(length) + event + checksum(event)


def scalar(tag, step):
    value = bytes([10, len(tag)]) + tag + bytes([21]) + struct.pack("<f", 1.0)
    summary = bytes([10, len(value)]) + value
    return bytes([9]) + struct.pack("<d", time.time()) + bytes([16, step, 42, len(summary)]) + summary


class Watch:
    def __init__(self, binary, logdir):
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
            environment = {**os.environ, "TERM": "xterm-256color"}
            os.execve(binary, [binary, "watch", logdir], environment)
        self.output = b""

    def read(self, seconds):
        """Waits for what is printed; returns whether there is anything."""
        if select.select([self.terminal], [], [], seconds)[0]:
            self.output += os.read(self.terminal, 1 << 16)
            return True
        return False

    def read_for(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def wait_for(self, text):
        start = time.monotonic()
        while text not in self.output:
            if not self.read(600):
                raise SystemExit(f"{text} does not appear")
        return time.monotonic() - start

    def cpu(self):
        with open(f"/proc/{self.child}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, field):
        with open(f"/proc/{self.child}/status") as file:
            return next(int(line.split()[1]) // 1024 for line in file if line.startswith(field))


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    binary, logdir = os.path.abspath(arguments[0]), arguments[1]
    seconds = float(arguments[2]) if len(arguments) > 2 else 20.0
    run = os.path.join(logdir, "measured")
    os.makedirs(run)
    try:
        # Without buffers: what is written is in the file.
        path = os.path.join(run, "events.out.tfevents.1700000000.host")
        file = open(path, "wb", buffering=0)
        file.write(record(b"\x09" + struct.pack("<d", time.time()) + b"\x1a\x0dbrain.Event:2"))
        file.write(record(scalar(b"zz", 0)))
        watch = Watch(binary, logdir)
        watch.wait_for(b"scalars")
        # Reading takes all of the processor.
        before = -1.0
        while watch.cpu() - before > 0.3:
            before = watch.cpu()
            watch.read_for(3)
        largest = watch.memory("VmHWM")
        print(f"{watch.cpu():.2f} s of CPU to load; {largest} MiB at most")
        before = watch.cpu()
        watch.read_for(seconds)
        idle = 100 * (watch.cpu() - before) / seconds
        print(f"idle: {idle:.2f} % of a core; {watch.memory('VmRSS')} MiB")
        latencies = []
        for number in range(15):
            # Letters that differ from those that are there: only changes are printed.
            letters = chr(97 + number).encode() * 6
            file.write(record(scalar(b"zz" + letters, number + 1)))
            latencies.append(watch.wait_for(letters) * 1000)
            time.sleep(0.1 + number * 0.013)
        latencies.sort()
        print(f"write to screen: median {statistics.median(latencies):.0f} ms, at most {latencies[-1]:.0f} ms")
        os.kill(watch.child, signal.SIGTERM)
        os.waitpid(watch.child, 0)
        if "--check" in sys.argv and (idle >= 1 or largest >= 1536):
            raise SystemExit("a target is missed")
    finally:
        shutil.rmtree(run)


main()

"""Run TensorBoard until standard input is closed: so it ends with the test that started it, however that ends."""

import os
import signal
import sys
import threading


def end_with_parent():
    sys.stdin.buffer.read()
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)  # a process group of its own, with the data server in it
    os._exit(1)


threading.Thread(target=end_with_parent, daemon=True).start()
sys.argv[0] = "tensorboard"

from tensorboard.main import run_main

run_main()

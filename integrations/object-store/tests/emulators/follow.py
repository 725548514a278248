"""TensorBoard follows a training that logs into a store through a proxy which makes 5 % of the requests fail.

follow.py LIVE SECONDS: LIVE is the example of that name. It exits with an error unless TensorBoard shows each point once and
in order, while the training runs and afterwards, also when it is started anew.
"""
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

live, seconds = sys.argv[1], float(sys.argv[2])
here = os.path.dirname(os.path.abspath(__file__))
bin_dir = os.path.dirname(sys.executable)
os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
os.environ.pop("S3_ENDPOINT", None)
processes = []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(*command, **env):
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    processes.append(process)
    return process


def get(url, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as answer:
        return answer.read()


def until(url, method="GET"):
    for _ in range(300):
        try:
            return get(url, method)
        except urllib.error.HTTPError:
            return b""
        except OSError:
            time.sleep(0.1)
    sys.exit(f"no answer from {url}")


class TensorBoard:
    def __init__(self, endpoint):
        self.port = free_port()
        self.process = start(
            os.path.join(bin_dir, "tensorboard"), "--logdir", "s3://runs/experiments", "--host", "127.0.0.1",
            "--port", str(self.port), "--load_fast=false", "--reload_interval", "1",
            "--samples_per_plugin", "scalars=1000000", S3_ENDPOINT=endpoint)
        until(f"http://127.0.0.1:{self.port}/data/environment")

    def steps(self):
        query = urllib.parse.urlencode({"run": "live", "tag": "loss", "format": "json"})
        try:
            points = json.loads(get(f"http://127.0.0.1:{self.port}/data/plugin/scalars/scalars?{query}"))
        except (urllib.error.HTTPError, json.JSONDecodeError):
            return []
        return [int(step) for _, step, _ in points]


def check(steps, when):
    if steps != list(range(len(steps))):
        wrong = next(at for at, step in enumerate(steps) if at != step)
        sys.exit(f"{when}: {len(steps)} points, wrong at {wrong}: {steps[max(0, wrong - 2):wrong + 3]}")


def main():
    s3, proxy = free_port(), free_port()
    start(os.path.join(bin_dir, "moto_server"), "-H", "127.0.0.1", "-p", str(s3))
    until(f"http://127.0.0.1:{s3}/moto-api/")
    until(f"http://127.0.0.1:{s3}/runs", "PUT")
    start(sys.executable, os.path.join(here, "proxy.py"), str(proxy), str(s3), "0.05")
    until(f"http://127.0.0.1:{proxy}/__counts")
    board = TensorBoard(f"http://127.0.0.1:{s3}")
    training = subprocess.Popen([live, "s3://runs/experiments", str(seconds)], stdout=subprocess.PIPE, text=True,
                                env={**os.environ, "S3_ENDPOINT": f"http://127.0.0.1:{proxy}"})
    processes.append(training)
    seen, first, begin = [], None, time.time()
    while training.poll() is None:
        steps = board.steps()
        check(steps, "while it is logged")
        if steps and first is None:
            first = time.time() - begin
        if len(steps) > (seen[-1] if seen else 0):
            seen.append(len(steps))
        time.sleep(0.3)
    output = training.stdout.read().strip()
    if training.returncode != 0:
        sys.exit(f"the training failed: {output}")
    total = int(output.split()[0])
    ended = time.time()
    while len(board.steps()) < total and time.time() < ended + 20:
        time.sleep(0.1)
    last = time.time() - ended
    steps = board.steps()
    check(steps, "when it has ended")
    if len(steps) != total:
        sys.exit(f"{len(steps)} of {total} points when it has ended")
    again = TensorBoard(f"http://127.0.0.1:{s3}")
    while len(again.steps()) < total and time.time() < ended + 60:
        time.sleep(0.2)
    if again.steps() != steps:
        sys.exit("a TensorBoard that is started anew shows other points")
    if len(seen) < seconds / 6:
        sys.exit(f"TensorBoard saw only {len(seen)} uploads: {seen}")
    counts = json.loads(get(f"http://127.0.0.1:{proxy}/__counts"))
    print(f"{output}; TensorBoard: the first points after {first:.1f} s, {len(seen)} times more, the last {last:.1f} s "
          f"after the end; requests: {counts}")


try:
    main()
finally:
    for process in processes:
        process.terminate()

"""TensorBoard follows a training that logs into a store through a proxy which makes 5 % of the requests fail.

follow.py DIR SECONDS STORE...: DIR has the programs `live`, `ranks` and `tfevents`; a store is s3 (moto), gcs (gcs.mjs) or
azure (azurite). It exits with an error unless

- every reader of TensorBoard that takes the store shows each point once and in order, while the training runs and
  afterwards, also when it is started anew;
- `tfevents` exports the same points from the store;
- `tfevents reduce` over the runs of 16 processes, which log side by side, agrees with numpy.
"""
import contextlib
import csv
import importlib.util
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy

programs, seconds, stores = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
here = os.path.dirname(os.path.abspath(__file__))
bin_dir = os.path.dirname(sys.executable)
# The published key of every azurite.
AZURE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
RANKS = 16
# Nothing may reach a real store.
for name in list(os.environ):
    if name.startswith(("AWS_", "AZURE_", "AZURITE_", "GOOGLE_", "S3_", "STORAGE_")):
        del os.environ[name]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, method="GET"):
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=20) as answer:
        return answer.read()


def until(url, method="GET"):
    for _ in range(600):
        try:
            return get(url, method)
        except urllib.error.HTTPError:
            return b""
        except OSError:
            time.sleep(0.1)
    sys.exit(f"no answer from {url}")


class Processes(contextlib.ExitStack):
    """Processes that end with the block."""

    def start(self, *command, **env):
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.callback(process.wait)
        self.callback(process.terminate)
        return process


class S3:
    scheme, readers = "s3", ["slow"]

    def __init__(self, processes, scratch):
        self.port = free_port()
        processes.start(os.path.join(bin_dir, "moto_server"), "-H", "127.0.0.1", "-p", str(self.port))
        until(f"http://127.0.0.1:{self.port}/moto-api/")
        until(f"http://127.0.0.1:{self.port}/runs", "PUT")

    def client(self, port):
        """The environment of a client that asks this port."""
        return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
                "S3_ENDPOINT": f"http://127.0.0.1:{port}"}

    def viewer(self, reader):
        return self.client(self.port)


class Gcs:
    scheme, readers = "gs", ["slow", "fast"]

    def __init__(self, processes, scratch):
        self.port, self.scratch = free_port(), scratch
        processes.start("node", os.path.join(here, "gcs.mjs"), str(self.port), "one-write-per-second")
        until(f"http://127.0.0.1:{self.port}/storage/v1/b/runs/o")
        self.write_server()

    def write_server(self):
        """Writes a copy of TensorBoard's data server that asks the emulator, and a program that prints a token.

        Its two base addresses are constants: each is replaced by one of the same length, with zeros before the port.
        """
        found = importlib.util.find_spec("tensorboard_data_server").submodule_search_locations[0]
        with open(os.path.join(found, "bin", "server"), "rb") as file:
            server = file.read()
        for old, path in [(b"https://storage.googleapis.com", b""), (b"https://www.googleapis.com/storage/v1", b"/storage/v1")]:
            head = b"http://127.0.0.1:"
            new = head + str(self.port).encode().rjust(len(old) - len(head) - len(path), b"0") + path
            if server.count(old) != 1 or len(new) != len(old):
                sys.exit(f"the data server has not one {old}")
            server = server.replace(old, new)
        for name, content in [("server", server), ("gcloud", b"#!/bin/sh\necho token\n")]:
            path = os.path.join(self.scratch, name)
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o755)

    def client(self, port):
        key = {"gcs_base_url": f"http://127.0.0.1:{port}", "disable_oauth": True, "client_email": "", "private_key": "",
               "private_key_id": ""}
        return {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(key)}

    def viewer(self, reader):
        if reader == "slow":
            return {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{self.port}"}
        return {"TENSORBOARD_DATA_SERVER_BINARY": os.path.join(self.scratch, "server"), "TB_GCS_BUFFER_SIZE_KB": "512",
                "PATH": f"{self.scratch}:{os.environ['PATH']}"}


class Azure:
    scheme, readers = "az", ["slow"]

    def __init__(self, processes, scratch):
        self.port = free_port()
        azurite = os.path.join(os.path.dirname(bin_dir), "npm/node_modules/.bin/azurite-blob")
        processes.start(azurite, "--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--disableTelemetry",
                        "--skipApiVersionCheck", "--inMemoryPersistence")
        until(f"http://127.0.0.1:{self.port}/")
        from azure.storage.blob import BlobServiceClient
        BlobServiceClient.from_connection_string(self.connection(self.port)).create_container("runs")

    def connection(self, port):
        return (f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={AZURE_KEY};"
                f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;")

    def client(self, port):
        return {"AZURE_STORAGE_USE_EMULATOR": "true", "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{port}"}

    def viewer(self, reader):
        return {"AZURE_STORAGE_CONNECTION_STRING": self.connection(self.port), "FSSPEC_AZ": '{"use_listings_cache": false}'}


class TensorBoard:
    def __init__(self, processes, store, reader):
        self.reader, self.port = reader, free_port()
        processes.start(
            os.path.join(bin_dir, "tensorboard"), "--logdir", f"{store.scheme}://runs/experiments", "--host", "127.0.0.1",
            "--port", str(self.port), f"--load_fast={'true' if reader == 'fast' else 'false'}", "--reload_interval", "1",
            "--samples_per_plugin", "scalars=1000000", **store.viewer(reader))
        until(f"http://127.0.0.1:{self.port}/data/environment")
        # How often there were more points than before.
        self.seen = []

    def steps(self):
        query = urllib.parse.urlencode({"run": "live", "tag": "loss", "format": "json"})
        try:
            points = json.loads(get(f"http://127.0.0.1:{self.port}/data/plugin/scalars/scalars?{query}"))
        except (OSError, json.JSONDecodeError):
            return []
        return [int(step) for _, step, _ in points]

    def check(self, when):
        steps = self.steps()
        if steps != list(range(len(steps))):
            wrong = next(at for at, step in enumerate(steps) if at != step)
            sys.exit(f"{self.reader}, {when}: {len(steps)} points, wrong at {wrong}: {steps[max(0, wrong - 2):wrong + 3]}")
        if len(steps) > (self.seen[-1] if self.seen else 0):
            self.seen.append(len(steps))
        return len(steps)

    def wait_for(self, total, timeout, when):
        begin = time.time()
        while self.check(when) < total:
            if time.time() > begin + timeout:
                sys.exit(f"{self.reader}, {when}: {len(self.steps())} of {total} points")
            time.sleep(0.1)
        return time.time() - begin


def follow(store, proxy, processes):
    """Follows a training."""
    url = f"{store.scheme}://runs/experiments"
    boards = [TensorBoard(processes, store, reader) for reader in store.readers]
    live = subprocess.Popen([os.path.join(programs, "examples/live"), url, str(seconds)], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, **store.client(proxy)})
    while live.poll() is None:
        for board in boards:
            board.check("while it is logged")
        time.sleep(0.3)
    output = live.stdout.read().strip()
    if live.returncode != 0:
        sys.exit(f"the training failed: {output}")
    total = int(output.split()[0])
    print(f"{store.scheme}://: {output}")
    for board in boards:
        last = board.wait_for(total, 20, "when it has ended")
        if len(board.seen) < seconds / 6:
            sys.exit(f"{board.reader}: TensorBoard saw only {len(board.seen)} uploads: {board.seen}")
        print(f"  {board.reader}: {len(board.seen)} uploads seen, the last one {last:.1f} s after the end")
    for reader in store.readers:
        again = TensorBoard(processes, store, reader)
        again.wait_for(total, 60, "started anew")
    points = list(csv.DictReader(io.StringIO(tfevents(store, proxy, "export", url, "-t", "^loss$"))))
    if [int(point["step"]) for point in points] != list(range(total)):
        sys.exit(f"tfevents export shows other points: {len(points)} of {total}")


def tfevents(store, port, *arguments):
    done = subprocess.run([os.path.join(programs, "tfevents"), *arguments], capture_output=True, text=True,
                          env={**os.environ, **store.client(port)})
    if done.returncode != 0:
        sys.exit(f"tfevents {arguments} failed: {done.stderr}")
    return done.stdout


def reduce_ranks(store, proxy):
    """16 processes log to one prefix; their mean, deviation, minimum and maximum are those that numpy computes."""
    url = f"{store.scheme}://runs/ranks"
    ranks = [subprocess.Popen([os.path.join(programs, "examples/ranks"), url], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, **store.client(proxy), "RANK": str(rank)}) for rank in range(RANKS)]
    values = [[float(line) for line in rank.communicate()[0].split()] for rank in ranks]
    if any(rank.returncode != 0 for rank in ranks):
        sys.exit("a rank failed")
    values = numpy.array(values, numpy.float32).astype(numpy.float64)
    expected = {"mean": values.mean(0), "std": values.std(0, ddof=1), "min": values.min(0), "max": values.max(0)}
    rows = list(csv.DictReader(io.StringIO(tfevents(
        store, proxy, "reduce", url, "-t", "^time/step$", "--ops", "mean,std,min,max", "--format", "csv"))))
    if len(rows) != values.shape[1] or any(int(row["count"]) != RANKS for row in rows):
        sys.exit(f"reduce has {len(rows)} rows of {values.shape[1]}: {rows[:2]}")
    for name, column in expected.items():
        found = numpy.array([float(row[name]) for row in rows])
        numpy.testing.assert_allclose(found, column, rtol=1e-6, err_msg=name)
    print(f"  {RANKS} processes: tfevents reduce agrees with numpy on {len(rows)} steps")


for kind in [{"s3": S3, "gcs": Gcs, "azure": Azure}[store] for store in stores]:
    with Processes() as processes, tempfile.TemporaryDirectory() as scratch:
        store, proxy = kind(processes, scratch), free_port()
        processes.start(sys.executable, os.path.join(here, "proxy.py"), str(proxy), str(store.port), "0.05")
        until(f"http://127.0.0.1:{proxy}/__counts")
        follow(store, proxy, processes)
        reduce_ranks(store, proxy)
        print(f"  requests: {json.loads(get(f'http://127.0.0.1:{proxy}/__counts'))}", flush=True)

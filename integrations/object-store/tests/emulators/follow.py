"""TensorBoard follows a training that logs into a store through a proxy which makes 5 % of the requests fail.

follow.py DIR SECONDS STORE...: DIR has the programs `live`, `ranks` and `tfevents`; a store is s3 (moto), gcs (gcs.mjs) or
azure (azurite). It exits with an error unless

- every reader of TensorBoard that takes the store shows each point once and in order, while the training runs and
  afterwards, also when it is started anew;
- what the store has when a reload of TensorBoard begins is shown when that reload has ended;
- the commands of `tfevents` read the store while the training runs, and export the same points afterwards;
- `tfevents reduce` over the runs of 16 processes, which log side by side, agrees with numpy.
"""
import contextlib
import csv
import datetime
import importlib.util
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
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
# TensorBoard with messages of when it reloads; those of its data server have whole seconds.
TENSORBOARD = """
import logging, sys
from tensorboard.main import run_main
handler = logging.StreamHandler(sys.stderr)
handler.setFormatter(logging.Formatter("%(created)f %(message)s"))
logger = logging.getLogger("tensorboard")
logger.addHandler(handler)
logger.setLevel(logging.INFO)
logger.propagate = False
run_main()
"""
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

    def start(self, *command, stderr=subprocess.DEVNULL, **env):
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=stderr)
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


def uploads(proxy):
    """Returns the times at which the store had more of the training, and how many points it had then."""
    found = json.loads(get(f"http://127.0.0.1:{proxy}/__uploads"))
    # Steps begin at 0. An object without a point, whose last step is 0 too, is not put.
    return [(time, step + 1) for time, path, step in found if "/live/" in urllib.parse.unquote(path)]


class TensorBoard:
    def __init__(self, processes, store, proxy, reader):
        self.reader, self.proxy, self.port = reader, proxy, free_port()
        # When the last reload began that has ended, how many have, and how long the longest took.
        self.begun, self.reloads, self.longest = 0, 0, 0
        # The points that reloads had to show: how often there were more than before.
        self.due = [0]
        process = processes.start(
            sys.executable, "-c", TENSORBOARD, "--logdir", f"{store.scheme}://runs/experiments", "--host", "127.0.0.1",
            "--port", str(self.port), f"--load_fast={'true' if reader == 'fast' else 'false'}", "--reload_interval", "1",
            "--samples_per_plugin", "scalars=1000000", stderr=subprocess.PIPE, **store.viewer(reader))
        threading.Thread(target=self.follow_reloads, args=(process.stderr,), daemon=True).start()
        until(f"http://127.0.0.1:{self.port}/data/environment")

    def follow_reloads(self, messages):
        begun = None
        for message in map(bytes.decode, messages):
            if "reload process beginning" in message:
                begun = float(message.split()[0])
            elif "Starting load cycle" in message:
                begun = datetime.datetime.fromisoformat(message[1:20]).replace(tzinfo=datetime.timezone.utc).timestamp()
            elif begun and ("done reloading" in message or "Finished load cycle" in message):
                self.longest = max(self.longest, time.time() - begun)
                self.begun, self.reloads = begun, self.reloads + 1

    def steps(self):
        """Returns the steps that are shown; `None` if there was no answer in time."""
        query = urllib.parse.urlencode({"run": "live", "tag": "loss", "format": "json"})
        try:
            points = json.loads(get(f"http://127.0.0.1:{self.port}/data/plugin/scalars/scalars?{query}"))
        except urllib.error.HTTPError as error:
            # The run is not there yet.
            return [] if error.code in (400, 404) else None
        except OSError:
            return None
        return [int(step) for _, step, _ in points]

    def check(self, when):
        """Checks what is shown, and returns the number of points."""
        begun = self.begun
        steps = self.steps()
        if steps is None:
            return 0
        if steps != list(range(len(steps))):
            wrong = next(at for at, step in enumerate(steps) if at != step)
            sys.exit(f"{self.reader}, {when}: {len(steps)} points, wrong at {wrong}: {steps[max(0, wrong - 2):wrong + 3]}")
        due = max((points for uploaded, points in uploads(self.proxy) if uploaded < begun), default=0)
        if len(steps) < due:
            sys.exit(f"{self.reader}, {when}: {len(steps)} points after reload {self.reloads}, but {due} were uploaded before it")
        if due > self.due[-1]:
            self.due.append(due)
        return len(steps)

    def wait_for(self, total, when):
        """Waits until all points are shown."""
        end = time.time() + 120
        while self.check(when) < total:
            if time.time() > end:
                sys.exit(f"{self.reader}, {when}: {len(self.steps() or [])} of {total} points, after {self.reloads} reloads")
            time.sleep(0.1)


def follow(store, proxy, processes):
    """Follows a training."""
    url = f"{store.scheme}://runs/experiments"
    boards = [TensorBoard(processes, store, proxy, reader) for reader in store.readers]
    live = subprocess.Popen([os.path.join(programs, "examples/live"), url, str(seconds)], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, **store.client(proxy)})
    commands, next_command = 0, time.time() + 5
    while live.poll() is None:
        for board in boards:
            board.check("while it is logged")
        if time.time() > next_command and uploads(proxy):
            read_live(store, proxy, url)
            commands, next_command = commands + 1, time.time() + 5
        time.sleep(0.3)
    output = live.stdout.read().strip()
    if live.returncode != 0:
        sys.exit(f"the training failed: {output}")
    total = int(output.split()[0])
    print(f"{store.scheme}://: {output}")
    for board in boards:
        board.wait_for(total, "when it has ended")
        # One in two seconds, but on a busy machine.
        if len(board.due) - 1 < seconds / 10:
            sys.exit(f"{board.reader}: reloads had to show more points only {len(board.due) - 1} times: {board.due}")
        print(f"  {board.reader}: {len(board.due) - 1} times reloads had to show more points, and did; they took up to "
              f"{board.longest:.1f} s")
    for reader in store.readers:
        again = TensorBoard(processes, store, proxy, reader)
        again.wait_for(total, "started anew")
    if exported(store, proxy, url) != list(range(total)):
        sys.exit("tfevents export shows other points")
    if commands == 0:
        sys.exit("tfevents did not read the store while the training ran")
    print(f"  tfevents: read {commands} times while it was logged")


def exported(store, proxy, url):
    """Returns the steps that `tfevents` exports."""
    return [int(point["step"]) for point in csv.DictReader(io.StringIO(tfevents(store, proxy, "export", url, "-t", "^loss$")))]


def read_live(store, proxy, url):
    """Reads the store with the commands of `tfevents` while something logs into it."""
    points = uploads(proxy)[-1][1]
    steps = exported(store, proxy, url)
    if steps != list(range(len(steps))) or len(steps) < points:
        sys.exit(f"tfevents export shows {len(steps)} points while it is logged, {points} were uploaded before: {steps[-3:]}")
    listed = json.loads(tfevents(store, proxy, "ls", "--json", url))["runs"]
    if [run["run"] for run in listed] != ["live"] or listed[0]["points"] < points:
        sys.exit(f"tfevents ls shows {listed}, {points} points were uploaded before")
    for command in (["show", "-t", "^loss$"], ["watch", "-t", "^loss$"]):
        drawn = tfevents(store, proxy, *command, url)
        if "loss" not in drawn:
            sys.exit(f"tfevents {command} draws no curve: {drawn}")


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

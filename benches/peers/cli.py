"""Times `tfevents` beside other tools that read event files. Prints a table in Markdown.

    cargo build --release -p tfevents-cli --bins --example many_points
    python3 benches/peers/cli.py [--runs 10] [--points 1000000] [--tbtui PATH] [--python PATH]

--tbtui names the program of `cargo install tbtui`, --python an interpreter with tensorboard and tbparse. Times are
processor times, user and system, of the whole process: the median of five rounds (one of the tools in Python).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile


def cost(command):
    """Processor time, wall time and peak memory of a command in a child of its own."""
    script = (
        "import json, os, resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "wall = time.perf_counter() - start\n"
        "print(code, used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)\n"
    )
    out = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, text=True, check=True)
    code, cpu, wall, memory = out.stdout.split()
    if int(code):
        sys.exit(f"{command} failed with the status {code}")
    return float(cpu), float(wall), float(memory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--target", default="target/release")
    parser.add_argument("--tbtui")
    parser.add_argument("--python")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    points = args.runs * args.points
    tfevents = os.path.join(args.target, "tfevents")
    dir = tempfile.mkdtemp(dir=args.target)
    try:
        logs = os.path.join(dir, "logs")
        writer = os.path.join(args.target, "examples", "many_points")
        subprocess.run([writer, logs, str(args.runs), str(args.points)], check=True)
        size = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(logs) for f in files)
        print(f"{args.runs} runs of {args.points} scalars in ten tags, {size / 2**20:.0f} MiB\n")
        out = os.path.join(dir, "out")
        rows = [
            ("tfevents ls", [tfevents, "ls", logs], args.rounds),
            ("tfevents verify", [tfevents, "verify", logs], args.rounds),
            ("tfevents export (CSV)", [tfevents, "export", logs, "-o", out + ".csv"], args.rounds),
            ("tfevents export (Parquet)", [tfevents, "export", logs, "-o", out + ".parquet"], args.rounds),
            ("tfevents export --wide (CSV)", [tfevents, "export", logs, "--wide", "-o", out + ".csv"], args.rounds),
        ]
        if args.tbtui:
            rows.append(("tbtui ls", [args.tbtui, "ls", logs], args.rounds))
        if args.python:
            inspect = "from tensorboard.main import run_main; run_main()"
            parse = "import sys, tbparse; tbparse.SummaryReader(sys.argv[1]).scalars"
            rows.append(("tensorboard --inspect", [args.python, "-c", inspect, "--inspect", "--logdir", logs], 1))
            rows.append(("tbparse", [args.python, "-c", parse, logs], 1))
        print("| | million scalars per CPU second | CPU s | wall s | peak MiB |\n|---|---:|---:|---:|---:|")
        for name, command, rounds in rows:
            costs = []
            for _ in range(rounds):
                # To replace a file takes the file system much longer than to write a new one.
                for output in (out + ".csv", out + ".parquet"):
                    if os.path.exists(output):
                        os.remove(output)
                costs.append(cost(command))
            cpu, wall, memory = (statistics.median(column) for column in zip(*costs))
            print(f"| {name} | {points / cpu / 1e6:.2f} | {cpu:.2f} | {wall:.2f} | {memory:.0f} |", flush=True)
    finally:
        shutil.rmtree(dir)


main()

"""Draws the pictures of the README beside this script: what commands print on a terminal as SVG files, and a report
in Chromium.

    for seed in 1 2 3; do cargo run --release --example digits -- --seed $seed --logdir logs/seed$seed; done
    cargo build --release -p tfevents-cli
    python3 cli/docs/pictures.py target/release/tfevents logs

It needs tmux and chromium.
"""

import collections
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata

COLUMNS = 100
WIDTH, HEIGHT, FONT = 8.4, 18, 14
COLORS = {
    31: "#f85149",
    32: "#3fb950",
    33: "#d29922",
    34: "#58a6ff",
    35: "#bc8cff",
    36: "#39c5cf",
    90: "#8b949e",
    91: "#ff7b72",
    92: "#56d364",
    93: "#e3b341",
    94: "#79c0ff",
    95: "#d2a8ff",
    96: "#56d4dd",
}


def spans(line, style):
    """Splits a line into column, style and text. The style goes on in the next line."""
    column = 0
    for code, text in re.findall(r"\x1b\[([\d;]*)m|([^\x1b]+)", line):
        if text:
            yield column, dict(style), text
            column += sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
            continue
        # The viewer writes the 16 colors as the first of 256.
        code = re.sub(r"38;5;(\d{1,2})(?!\d)", lambda found: str(int(found[1]) + (30 if int(found[1]) < 8 else 82)), code)
        numbers = [int(number) for number in code.split(";")] if code else [0]
        while numbers:
            number = numbers.pop(0)
            if number in (38, 48) and numbers[:1] == [2]:
                style["fill" if number == 38 else "background"] = "#%02x%02x%02x" % tuple(numbers[1:4])
                numbers = numbers[4:]
            elif number in (39, 49):
                style.pop("fill" if number == 39 else "background", None)
            elif number == 0:
                style.clear()
            elif number == 1:
                style["font-weight"] = "bold"
            elif number == 2:
                style["opacity"] = "0.6"
            elif number in COLORS:
                style["fill"] = COLORS[number]


def rectangle(x, y, width, height):
    return f"M{x:.1f} {y:.0f}h{width:.1f}v{height:.0f}h-{width:.1f}z"


def picture(command, text, columns=COLUMNS):
    lines = [f"\x1b[90m$\x1b[0m {command}", *text.rstrip("\n").split("\n")]
    columns = max(columns, *(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines))
    width, height = columns * WIDTH + 24, len(lines) * HEIGHT + 24
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}">',
        f'<title>{html.escape(command)}</title>',
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
        f'<g shape-rendering="crispEdges" font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{FONT}" fill="#e6edf3">',
    ]
    last = {}
    # All rectangles of a color are one path, below the text.
    rectangles = collections.defaultdict(str)
    texts = []
    for row, line in enumerate(lines):
        y = 12 + FONT + row * HEIGHT
        for column, style, text in spans(line, last):
            background = style.pop("background", None)
            if background:
                x, length = 12 + column * WIDTH, len(text) * WIDTH
                if "▀" in text:
                    # Pixels of an image, or of a heat map: one above another.
                    rectangles[style.get("fill", "#e6edf3")] += rectangle(x, y - FONT, length, HEIGHT / 2)
                    rectangles[background] += rectangle(x, y - FONT + HEIGHT / 2, length, HEIGHT / 2)
                    continue
                rectangles[background] += rectangle(x, y - FONT, length, HEIGHT)
            attributes = "".join(f' {key}="{value}"' for key, value in style.items())
            # Fonts disagree about the width of braille, so each part has its own place and width.
            for part in re.finditer(r"\S+(?: \S+)*", text):
                x, length = 12 + (column + part.start()) * WIDTH, len(part[0]) * WIDTH
                texts.append(
                    f'<text x="{x:.1f}" y="{y}" textLength="{length:.1f}"{attributes}>{html.escape(part[0])}</text>'
                )
    paths = [f'<path fill="{color}" d="{path}"/>' for color, path in rectangles.items()]
    return "\n".join([*out, *paths, *texts, "</g>", "</svg>", ""])


def main(binary, logs):
    here = os.path.dirname(os.path.abspath(__file__))
    pictures = {
        "ls": ["ls", "logs"],
        "show": ["show", "logs", "-t", "^epoch_loss$", "--log-y"],
        "sparklines": ["show", "logs", "-1", "-t", "^epoch"],
    }
    for name, args in pictures.items():
        command = [os.path.abspath(binary), *args, "--color", "always"]
        environment = {**os.environ, "COLUMNS": str(COLUMNS), "LINES": "22"}
        folder = os.path.dirname(os.path.abspath(logs))
        text = subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        with open(os.path.join(here, f"{name}.svg"), "w") as file:
            file.write(picture("tfevents " + " ".join(args), text))

    for name, keys, args in [
        ("watch", "", ["watch", "logs", "-t", "epoch", "--smoothing", "0.6"]),
        ("histograms", "2", ["watch", "logs", "-t", "kernel/histogram"]),
    ]:
        with open(os.path.join(here, f"{name}.svg"), "w") as file:
            file.write(picture(f"tfevents {' '.join(args)}", watch(binary, folder, args, keys), 120))
    report(binary, folder, os.path.join(here, "report.png"))


def report(binary, folder, path):
    """Takes a picture of the upper part of a report."""
    with tempfile.TemporaryDirectory() as scratch:
        page = os.path.join(scratch, "report.html")
        command = [os.path.abspath(binary), "report", "logs", "-t", "epoch", "-o", page]
        subprocess.run(command, cwd=folder, check=True)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
        picture = os.path.join(scratch, "report.png")
        chromium = os.environ.get("CHROMIUM", "chromium")
        size = ["--window-size=960,760", "--virtual-time-budget=5000"]
        subprocess.run([chromium, *options, *size, f"--screenshot={picture}", f"file://{page}"], check=True, stderr=subprocess.DEVNULL)
        shutil.copy(picture, path)


def watch(binary, folder, args, keys):
    """Captures the viewer in a terminal of tmux, after some keys."""
    tmux = ["tmux", "-u", "-L", f"pictures-{os.getpid()}"]
    command = ["env", "TERM=xterm-256color", "COLORTERM=truecolor", os.path.abspath(binary), *args]
    size = ["-x", "120", "-y", "34"]
    subprocess.run([*tmux, "-f", os.devnull, "new-session", "-d", *size, "-c", folder, *command], check=True)
    try:
        time.sleep(3)
        for key in keys:
            subprocess.run([*tmux, "send-keys", key], check=True)
            time.sleep(2)
        capture = [*tmux, "capture-pane", "-p", "-e"]
        return subprocess.run(capture, check=True, stdout=subprocess.PIPE, text=True).stdout
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)


main(*sys.argv[1:])

#!/usr/bin/env python3
"""Takes the pictures in this folder: TensorBoard in Chromium, light and dark for the README.

    cargo run --release --example digits -- --logdir logs/digits
    cargo run --release --all-features --example gallery -- --logdir logs/gallery
    pip install tensorboard pillow
    python3 docs/pictures.py digits logs/digits
    python3 docs/pictures.py gallery logs/gallery [DASHBOARD...]

It needs `tensorboard` and `chromium` on the path. Time Series, Graphs and the trace are taken by hand: they are not drawn in
the virtual time of a headless browser. The pictures of the terminal are made by cli/docs/pictures.py.
"""

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
MAX_BYTES = 100_000
DASHBOARDS = "scalars images audio text histograms distributions pr_curves mesh hparams custom_scalars projector"


def free_port():
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def shoot(url, size):
    """Returns what a page looks like after half a minute of its own time."""
    with tempfile.TemporaryDirectory() as profile:
        shot = Path(profile) / "shot.png"
        command = ["chromium", "--headless=new", "--no-sandbox", "--hide-scrollbars", "--enable-unsafe-swiftshader"]
        command += [f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}", f"--screenshot={shot}"]
        subprocess.run([*command, "--virtual-time-budget=30000", url], check=True, capture_output=True, timeout=120)
        return Image.open(shot).convert("RGB")


def save(picture, file):
    # A palette of 256 colors: a quarter of the bytes, and no difference to see.
    picture.quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    print(f"{file}: {size} bytes")
    if size > MAX_BYTES:
        sys.exit(f"{file} has {size} bytes (expected at most {MAX_BYTES})")


def columns(page):
    """Returns scalars, images and histograms side by side, without the settings at their left."""
    left, top, width, height, gap = 284, 126, 418, 800, 14  # of a page that is 706 pixels wide
    whole = Image.new("RGB", (3 * width + 2 * gap, height), "white" if "darkMode=false" in page else "#303030")
    for i, what in enumerate(["scalars&tagFilter=epoch", "images", "histograms"]):
        shot = shoot(page % what, (706, top + height))
        whole.paste(shot.crop((left, top, left + width, top + height)), (i * (width + gap), 0))
    return whole


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("digits", "gallery"):
        sys.exit(__doc__)
    what, logdir, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    port = free_port()
    server = subprocess.Popen(["tensorboard", "--logdir", logdir, "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://localhost:{port}/data/runs")
                break
            except OSError:
                time.sleep(0.5)
        time.sleep(10)  # until everything is loaded
        light, dark = (f"http://localhost:{port}/?darkMode={dark}#%s" for dark in ("false", "true"))
        if what == "digits":
            save(columns(light), HERE / "digits.png")
            save(columns(dark), HERE / "digits-dark.png")
        else:
            for name in names or DASHBOARDS.split():
                shot = shoot(light % name, (1400, 950)).resize((1000, 679), Image.Resampling.LANCZOS)
                save(shot, HERE / "gallery" / f"{name}.png")
    finally:
        server.terminate()
        server.wait()


main()

"""Opens a report in Chromium, and compares what it shows with what was logged.

Usage: check.py CHROMIUM REPORT EXPECTED [SCREENSHOTS]

EXPECTED is JSON: {"series": [{"tag", "run", "values": one for each step}, ...], "runs": n,
"group": {"tag", "by", "name", "means", "deviations"}}.
It speaks the DevTools protocol over two pipes, so that nothing but Python is needed.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import time


class Browser:
    def __init__(self, program, profile):
        to_browser, self.out = os.pipe()
        self.inp, from_browser = os.pipe()
        keep = {3: to_browser, 4: from_browser}

        def pipes():
            # Copies first: one of them may lie on the other's number.
            copies = {number: os.dup(fd) for number, fd in keep.items()}
            for number, fd in copies.items():
                os.dup2(fd, number)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             f"--user-data-dir={profile}", "--window-size=1280,900", "about:blank"],
            preexec_fn=pipes, close_fds=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.number = 0
        self.rest = b""
        self.events = []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ["Page", "Runtime", "Network", "Log"]:
            self.call(f"{domain}.enable")

    session = None

    def receive(self):
        while b"\0" not in self.rest:
            part = os.read(self.inp, 1 << 20)
            if not part:
                raise SystemExit("the browser has ended")
            self.rest += part
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def eval(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def frame(self):
        """Waits until two frames are drawn."""
        self.eval("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def smooth(values, weight):
    """TensorBoard's classicSmoothing."""
    last, count, out = 0.0, 0, []
    for value in values:
        last = last * weight + (1 - weight) * value
        count += 1
        out.append(last / (1 - weight ** count))
    return out


def near(found, expected, what):
    if abs(found - expected) > 1e-5 * max(abs(expected), 1e-6):
        raise SystemExit(f"{what}: {found} is shown (expected {expected})")


CHART = "report.charts.find(chart => chart.tag === {tag})"


class Report:
    def __init__(self, browser):
        self.browser = browser

    def row(self, tag, run, step):
        """Moves the mouse over a step of a chart; returns the cells of a run's row."""
        browser = self.browser
        chart = CHART.format(tag=json.dumps(tag))
        browser.eval(f"{chart}.card.scrollIntoView({{block: 'center'}})")
        end = time.monotonic() + 60
        while not browser.eval(f"!!{chart}.u"):
            if time.monotonic() > end:
                raise SystemExit(f"{tag}: no chart is drawn")
            browser.frame()
        browser.frame()
        place = browser.eval(
            f"(() => {{ const u = {chart}.u, box = u.over.getBoundingClientRect();"
            f"return [box.left + u.valToPos({step}, 'x'), box.top + box.height / 2, u.posToVal(1, 'x') - u.posToVal(0, 'x')] }})()"
        )
        browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
        browser.frame()
        rows = browser.eval(f"[...{chart}.table.rows].map(row => [...row.cells].map(cell => cell.textContent))")
        for row in rows:
            if row[0].endswith(run):
                # A pixel may stand for several steps.
                if abs(int(row[2]) - step) > max(1, place[2]):
                    raise SystemExit(f"{tag} {run}: step {row[2]} is shown (expected {step})")
                return row
        raise SystemExit(f"{tag}: no row of {run!r} in {rows}")

    def set(self, name, value):
        self.browser.eval(
            f"(() => {{ const node = document.getElementById({json.dumps(name)});"
            f"if (node.type === 'checkbox') {{ if (node.checked !== {json.dumps(value)}) node.click(); }}"
            f"else {{ node.value = {json.dumps(value)}; node.dispatchEvent(new Event('input')); node.dispatchEvent(new Event('change')); }} }})()"
        )
        self.browser.frame()


def check_values(report, expected):
    for series in expected["series"]:
        values = series["values"]
        for step in [0, 1, len(values) // 3, len(values) // 2, len(values) - 1]:
            cells = report.row(series["tag"], series["run"], step)
            near(float(cells[1]), values[int(cells[2])], f"{series['tag']} {series['run']} at {cells[2]}")


def check_smoothing(report, series):
    report.set("smoothing", "0.9")
    smoothed = smooth(series["values"], 0.9)
    for step in [0, len(smoothed) // 2, len(smoothed) - 1]:
        cells = report.row(series["tag"], series["run"], step)
        shown = cells[1].split(" ")[0]
        near(float(shown), smoothed[int(cells[2])], f"smoothed at {cells[2]}")
    report.set("smoothing", "0")


def check_group(report, group):
    report.set("by", group["by"])
    cells = report.row(group["tag"], group["name"], len(group["means"]) // 2)
    mean, deviation = cells[1].replace("(± ", "").rstrip(")").split(" ")
    near(float(mean), group["means"][int(cells[2])], "mean of the group")
    near(float(deviation), group["deviations"][int(cells[2])], "deviation of the group")
    report.set("by", "")


def check_controls(browser, report, expected):
    for name in ["logY", "logX", "clip"]:
        report.set(name, True)
        report.set(name, False)
    for axis in ["relative", "wall", "step"]:
        report.set("x", axis)
    tag = expected["series"][0]["tag"]
    chart = CHART.format(tag=json.dumps(tag))
    before = browser.eval(f"{chart}.table.rows.length")
    browser.eval("document.querySelector('#runs tbody input').click()")
    browser.frame()
    after = browser.eval(f"{chart}.table.rows.length")
    if after != before - 1:
        raise SystemExit(f"a run without its check mark leaves {after} of {before} rows")
    browser.eval("document.querySelector('#runs tbody input').click()")
    first = "document.querySelector('#runs tbody tr td:nth-child(2)').textContent"
    browser.eval("document.querySelector('#runs th button').click()")
    up = browser.eval(first)
    browser.eval("document.querySelector('#runs th button').click()")
    down = browser.eval(first)
    if expected["runs"] > 1 and not up[1:] < down[1:]:
        raise SystemExit(f"sorted by name {up!r} is before {down!r}")
    # Names of everything that can be used, for a screen reader.
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles = ["button", "checkbox", "columnheader", "combobox", "image", "slider", "textbox"]
    for node in nodes:
        role, name = (node.get(key, {}).get("value") for key in ["role", "name"])
        if role in roles and not name and not node["ignored"]:
            raise SystemExit(f"{role} without a name: {node}")
    missing = [role for role in roles if not any(node.get("role", {}).get("value") == role for node in nodes)]
    if missing:
        raise SystemExit(f"nothing has the roles {missing}")
    # Keyboard: the cursor moves, and what it shows is announced.
    browser.eval(f"{chart}.plot.focus()")
    for kind in ["keyDown", "keyUp"]:
        browser.call("Input.dispatchKeyEvent", type=kind, key="ArrowLeft", code="ArrowLeft", windowsVirtualKeyCode=37)
    browser.frame()
    if not browser.eval(f"{chart}.live.textContent"):
        raise SystemExit("an arrow key announces nothing")


def check_looks(browser, folder):
    backgrounds = []
    for scheme in ["light", "dark"]:
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.frame()
        backgrounds.append(browser.eval("getComputedStyle(document.body).backgroundColor"))
        for width in [320, 1280]:
            browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
            browser.eval("scrollTo(0, 0)")
            browser.frame()
            wide = browser.eval("document.documentElement.scrollWidth")
            if wide > width:
                raise SystemExit(f"the page is {wide} pixels wide in a window of {width}")
            if folder:
                size = browser.call("Page.getLayoutMetrics")["cssContentSize"]
                for y in range(0, int(size["height"]), 700):
                    browser.eval(f"scrollTo(0, {y})")
                    browser.frame()
                clip = {"x": 0, "y": 0, "width": width, "height": min(size["height"], 9000), "scale": 1}
                shot = browser.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
                with open(os.path.join(folder, f"{scheme}-{width}.png"), "wb") as file:
                    file.write(base64.b64decode(shot["data"]))
    if backgrounds[0] == backgrounds[1]:
        raise SystemExit(f"light and dark have the background {backgrounds[0]}")
    # Still dark: paper is white, and so is what lies on it.
    browser.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    browser.frame()
    colors = browser.eval("['--bg', '--panel', '--fg'].map(name => getComputedStyle(document.documentElement).getPropertyValue(name))")
    if colors != ["#fff", "#f6f7f9", "#000"]:
        raise SystemExit(f"what is printed has the colors {colors}")
    browser.call("Emulation.setEmulatedMedia", media="")
    pdf = base64.b64decode(browser.call("Page.printToPDF")["data"])
    if not pdf.startswith(b"%PDF"):
        raise SystemExit("the page does not print")


def check_events(browser, url):
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown" or method == "Log.entryAdded":
            raise SystemExit(f"{method}: {params}")
        if method == "Runtime.consoleAPICalled":
            raise SystemExit(f"console: {params}")
        if method == "Network.requestWillBeSent":
            wanted = params["request"]["url"]
            if wanted != url and not wanted.startswith("data:"):
                raise SystemExit(f"a request leaves the file: {wanted}")


def main():
    program, path, expected = sys.argv[1:4]
    folder = sys.argv[4] if len(sys.argv) > 4 else None
    with open(expected, encoding="utf-8") as file:
        expected = json.load(file)
    url = "file://" + os.path.abspath(path)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            browser.call("Page.navigate", url=url)
            end = time.monotonic() + 60
            while not browser.eval("typeof report === 'object' && document.readyState === 'complete'"):
                if time.monotonic() > end:
                    check_events(browser, url)
                    raise SystemExit("the page does not come up")
                time.sleep(0.05)
            found = browser.eval("document.querySelectorAll('#runs tbody tr').length")
            if found != expected["runs"]:
                raise SystemExit(f"{found} runs are shown (expected {expected['runs']})")
            report = Report(browser)
            check_values(report, expected)
            check_smoothing(report, expected["series"][-1])
            if "group" in expected:
                check_group(report, expected["group"])
            check_controls(browser, report, expected)
            check_looks(browser, folder)
            if browser.eval("typeof hacked !== 'undefined' || !!document.querySelector('#app script, #app iframe, #app a')"):
                raise SystemExit("a name or a text of the files has become part of the page")
            check_events(browser, url)
        finally:
            browser.process.terminate()
            browser.process.wait()
    print("passed")


main()

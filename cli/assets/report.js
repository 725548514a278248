"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const app = document.getElementById("app");
const runs = data.runs;
const state = { weight: 0, x: "step", logX: false, logY: false, clip: true, by: null, shown: runs.map(() => true) };

// Makes an element. Text is always text, never HTML.
function el(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node[key] = value;
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

function number(value) {
  if (value == null) return "–";
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(3).replace(/\.?0+e/, "e").replace("e+", "e");
  return String(+value.toPrecision(6));
}

// Decodes a curve: steps, values of f32, and times, between some of which it interpolates.
function decode(curve) {
  const bytes = Uint8Array.from(atob(curve.values), (char) => char.charCodeAt(0));
  const values = new Float32Array(bytes.buffer);
  const count = values.length;
  const steps = new Array(count);
  if (curve.regular) {
    for (let at = 0; at < count; at++) steps[at] = curve.steps[0] + curve.steps[1] * at;
  } else {
    let step = 0;
    for (let at = 0; at < count; at++) steps[at] = step += curve.steps[at];
  }
  const times = new Array(count);
  const known = curve.times;
  for (let part = 0; part < known.length; part += 2) {
    const time = part ? known[1] + known[part + 1] / 1000 : known[1];
    const from = part ? known[part - 2] : 0, to = known[part];
    const before = part ? times[from] : time;
    for (let at = from; at <= to; at++) times[at] = to > from ? before + (time - before) * (at - from) / (to - from) : time;
  }
  return { run: curve.run, total: curve.total, steps, values, times };
}

// TensorBoard's debiased average: what is not finite passes and does not count.
function smooth(values, weight) {
  if (!(weight > 0)) return Array.from(values);
  const constant = values.every((value) => value === values[0]);
  let last = 0, bias = 1;
  return Array.from(values, (value) => {
    if (constant || !Number.isFinite(value)) return value;
    last = last * weight + (1 - weight) * value;
    bias *= weight;
    return last / (1 - bias);
  });
}

function xs(curve) {
  const list = state.x === "step" ? curve.steps : state.x === "wall" ? curve.times : curve.times.map((time) => time - curve.times[0]);
  const out = new Array(list.length);
  for (let at = 0; at < list.length; at++) out[at] = at && list[at] <= out[at - 1] ? out[at - 1] + 1e-6 : list[at];
  return out;
}

const finite = (value) => Number.isFinite(value) ? value : null;

function groupName(name) {
  if (!state.by) return null;
  const found = state.by.exec(name);
  return found ? found[1] ?? found[0] : null;
}

// The lines of a chart: runs, or means of groups with their bands.
function lines(chart) {
  const shown = chart.curves.filter((curve) => state.shown[curve.run]);
  if (!state.by) {
    return shown.map((curve) => {
      const run = runs[curve.run];
      return { name: run.name, color: run.color, mark: run.mark, x: xs(curve), raw: curve.values, y: smooth(curve.values, state.weight), curve };
    });
  }
  const groups = new Map();
  for (const curve of shown) {
    const name = groupName(runs[curve.run].name);
    if (name != null) groups.set(name, [...(groups.get(name) ?? []), curve]);
  }
  return [...groups].map(([name, curves]) => {
    const sums = new Map();
    curves.forEach((curve, nth) => {
      const x = xs(curve), y = smooth(curve.values, state.weight);
      x.forEach((at, index) => {
        const list = sums.get(at) ?? [];
        if (list.length === nth) sums.set(at, [...list, y[index]]);
      });
    });
    const shared = [...sums].filter(([, list]) => list.length === curves.length).sort((a, b) => a[0] - b[0]);
    const x = [], y = [], low = [], high = [];
    for (const [at, list] of shared) {
      const mean = list.reduce((a, b) => a + b, 0) / list.length;
      const variance = list.length > 1 ? list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1) : 0;
      x.push(at); y.push(mean); low.push(mean - Math.sqrt(variance)); high.push(mean + Math.sqrt(variance));
    }
    const run = runs[curves[0].run];
    return { name: `${name} (${curves.length})`, color: run.color, mark: run.mark, x, y, low, high };
  });
}

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function duration(seconds) {
  if (seconds >= 86400) return +(seconds / 86400).toFixed(1) + "d";
  if (seconds >= 3600) return +(seconds / 3600).toFixed(1) + "h";
  if (seconds >= 60) return +(seconds / 60).toFixed(1) + "m";
  return +seconds.toFixed(2) + "s";
}

function xText(x) {
  if (state.x === "wall") return new Date(x * 1000).toLocaleString();
  return state.x === "relative" ? duration(x) : String(Math.round(x));
}

// Scales by what they have to show: a logarithm where all is positive, else an inverse sine.
function scale(isLog, values) {
  if (!isLog) return {};
  let min = Infinity, max = 0;
  for (const value of values) if (Number.isFinite(value)) { min = Math.min(min, value); max = Math.max(max, Math.abs(value)); }
  return min > 0 ? { distr: 3 } : { distr: 4, asinh: state.x === "step" && values.isX ? 1 : 10 ** (Math.floor(Math.log10(max || 1)) - 3) };
}

function yRange(drawn, isLog) {
  let values = [];
  for (const line of drawn) for (const value of line.y) if (Number.isFinite(value)) values.push(value);
  if (!values.length) return [0, 1];
  values.sort((a, b) => a - b);
  let [min, max] = [values[0], values[values.length - 1]];
  if (state.clip && values.length > 2) {
    min = values[Math.ceil((values.length - 1) * 0.05)];
    max = values[Math.floor((values.length - 1) * 0.95)];
  }
  for (const line of drawn) if (line.low) for (const list of [line.low, line.high]) for (const value of list) if (Number.isFinite(value)) { min = Math.min(min, value); max = Math.max(max, value); }
  if (min === max) { const pad = Math.abs(min) * 0.1 || 1; return isLog && min > 0 ? [min / 2, max * 2] : [min - pad, max + pad]; }
  if (isLog && min > 0) { const pad = (max / min) ** 0.05; return [min / pad, max * pad]; }
  const pad = (max - min) * 0.05;
  return [min - pad, max + pad];
}

// A chart of curves, with the values under the cursor below it.
class Chart {
  constructor(tag, curves, parent) {
    this.tag = tag;
    this.curves = curves.map(decode);
    this.plot = el("div", { class: "plot", tabindex: 0, role: "img" });
    this.table = el("table", { class: "values", "aria-label": "Values of " + tag });
    this.note = el("span", { class: "dim" });
    this.live = el("div", { class: "sr", "aria-live": "polite" });
    const thinned = this.curves.some((curve) => curve.total > curve.values.length);
    this.card = el("article", { class: "card" }, el("h3", {}, tag, " ", this.note), this.plot, el("div", { class: "scroll" }, this.table), this.live);
    if (thinned) this.card.append(el("div", { class: "dim" }, "thinned, with extremes; smoothing is over what is left"));
    this.plot.onkeydown = (event) => this.key(event);
    parent.append(this.card);
  }
  draw() {
    this.isDrawn = true;
    this.lines = lines(this);
    this.u?.destroy();
    this.u = null;
    this.plot.replaceChildren();
    this.card.hidden = !this.lines.length;
    if (!this.lines.length) return;
    const columns = [], series = [{}], bands = [];
    const clear = (list) => Array.from(list, finite);
    for (const line of this.lines) {
      if (line.low) {
        columns.push([line.x, clear(line.high), clear(line.low), clear(line.y)]);
        bands.push({ series: [series.length, series.length + 1], fill: line.color + "33" });
        series.push({ width: 0, points: { show: false } }, { width: 0, points: { show: false } });
      } else if (state.weight > 0) {
        columns.push([line.x, clear(line.raw), clear(line.y)]);
        series.push({ stroke: line.color + "55", width: 1, points: { show: false } });
      } else columns.push([line.x, clear(line.y)]);
      line.at = series.length;
      series.push({ stroke: line.color, width: 1.75, points: { show: line.x.length < 50, size: 5 } });
    }
    const table = uPlot.join(columns);
    const all = this.lines.flatMap((line) => state.logY ? Array.from(line.y) : []);
    const xList = state.logX ? table[0].slice() : [];
    xList.isX = true;
    const color = css("--dim"), grid = { stroke: css("--line"), width: 1 };
    const axis = { stroke: color, grid, ticks: grid, font: "12px system-ui" };
    const isLogX = state.logX && state.x !== "wall";
    const xAxis = { ...axis, space: 70, ...(state.x === "wall" ? {} : { values: (u, ticks) => ticks.map((tick) => tick == null ? "" : state.x === "relative" ? duration(tick) : Number.isInteger(tick) ? number(tick) : "") }) };
    const y = yRange(this.lines, state.logY);
    this.outside = 0;
    for (const line of this.lines) for (const value of line.raw ?? []) if (Number.isFinite(value) && (value < y[0] || value > y[1])) this.outside++;
    const notes = [];
    if (state.logY) notes.push(scale(true, all).distr === 3 ? "log" : "symlog");
    if (this.outside) notes.push(this.outside + (this.outside > 1 ? " outliers" : " outlier"));
    this.note.textContent = notes.join(", ");
    this.u = new uPlot({
      width: Math.max(this.plot.clientWidth, 200), height: 240, series, bands, legend: { show: false },
      scales: { x: { time: state.x === "wall", ...scale(isLogX, xList) }, y: { range: (u, min, max) => u.zoomed ? [min, max] : y, ...scale(state.logY, all) } },
      axes: [xAxis, { ...axis, size: 62, values: (u, ticks) => ticks.map((tick) => tick == null ? "" : number(tick)) }],
      cursor: { sync: { key: "x", scales: ["x", null] }, drag: { x: true, y: false }, points: { size: 7 } },
      hooks: { setCursor: [() => this.values()], draw: [(u) => this.marks(u)] },
    }, table, this.plot);
    this.values();
  }
  // Marks the ends of curves by the shapes of their runs, and what is not finite on the axis.
  marks(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.textAlign = "center"; ctx.textBaseline = "middle";
    ctx.font = 12 * devicePixelRatio + "px system-ui";
    for (const line of this.lines) {
      let at = line.y.length - 1;
      while (at > 0 && !Number.isFinite(line.y[at])) at--;
      const x = u.valToPos(line.x[at], "x", true), y = u.valToPos(line.y[at], "y", true);
      ctx.fillStyle = line.color;
      if (x >= bbox.left && x <= bbox.left + bbox.width + 1 && y >= bbox.top && y <= bbox.top + bbox.height) ctx.fillText(line.mark, x, y);
      ctx.fillStyle = css("--bad");
      (line.raw ?? line.y).forEach((value, index) => {
        if (Number.isFinite(value)) return;
        const px = u.valToPos(line.x[index], "x", true);
        if (px < bbox.left || px > bbox.left + bbox.width) return;
        const isTop = value === Infinity;
        ctx.fillText(Number.isNaN(value) ? "×" : isTop ? "↑" : "↓", px, isTop ? bbox.top + 6 : bbox.top + bbox.height);
      });
    }
    ctx.restore();
  }
  values() {
    const u = this.u;
    if (!u) return;
    const under = u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null;
    const rows = this.lines.map((line) => {
      let at = line.x.length - 1;
      if (under != null) {
        let low = 0;
        while (low < at) { const middle = (low + at) >> 1; if (line.x[middle] < under) low = middle + 1; else at = middle; }
        if (at > 0 && under - line.x[at - 1] < line.x[at] - under) at--;
      }
      const value = (line.raw ?? line.y)[at];
      const text = state.weight > 0 || line.low ? `${number(line.y[at])} (${line.low ? "± " + number(line.high[at] - line.y[at]) : number(value)})` : number(value);
      return { line, text, x: xText(line.x[at]) };
    });
    this.table.replaceChildren(...rows.map(({ line, text, x }) => {
      const mark = el("span", { class: "mark", "aria-hidden": "true" }, line.mark);
      mark.style.color = line.color;
      return el("tr", {}, el("td", {}, mark, line.name), el("td", { class: "n" }, text), el("td", { class: "n dim" }, x));
    }));
    this.said = rows.map(({ line, text, x }) => `${line.name} at ${x}: ${text}`).join("; ");
    this.plot.setAttribute("aria-label", `${this.tag}. ${this.said}. Arrow keys move the cursor.`);
  }
  key(event) {
    const u = this.u;
    if (!u) return;
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Escape") { u.zoomed = false; u.setData(u.data); u.setCursor({ left: -10, top: -10 }); return; }
    if (move == null) return;
    event.preventDefault();
    const x = u.data[0];
    const now = u.cursor.left >= 0 ? u.posToIdx(u.cursor.left) : x.length - 1;
    const far = Math.max(1, Math.round(x.length / 100)) * (event.shiftKey ? 10 : 1);
    const next = Math.max(0, Math.min(x.length - 1, now + move * far));
    u.setCursor({ left: u.valToPos(x[next], "x"), top: 10 });
    this.live.textContent = this.said;
  }
  resize() {
    const width = Math.max(this.plot.clientWidth, 200);
    if (this.u && this.u.width !== width) this.u.setSize({ width, height: 240 });
  }
}

const charts = [];
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const chart = charts.find((chart) => chart.card === entry.target);
    if (entry.isIntersecting && chart && !chart.isDrawn) chart.draw();
  }
}, { rootMargin: "400px" });

function redraw() {
  for (const chart of charts) if (chart.isDrawn) chart.draw();
  for (const node of document.querySelectorAll("[data-run]")) node.hidden = !state.shown[node.dataset.run];
}

let pending = 0;
function later() {
  cancelAnimationFrame(pending);
  pending = requestAnimationFrame(redraw);
}

function section(title, ...children) {
  const node = el("section", {}, el("h2", {}, title), ...children);
  app.append(node);
  return node;
}

function header() {
  const made = new Date(data.made * 1000);
  app.append(el("header", {}, el("h1", {}, data.title), el("div", { class: "dim" }, `${runs.length} run${runs.length === 1 ? "" : "s"}, written ${made.toLocaleString()} by tfevents report`),
    data.left_out.length ? el("div", { class: "notes", role: "note" }, el("p", {}, "Not in this file:"), el("ul", {}, ...data.left_out.map((note) => el("li", {}, note)))) : null));
}

function controls() {
  const weight = el("output", {}, "0");
  const slider = el("input", { type: "range", min: 0, max: 0.999, step: 0.001, value: 0, id: "smoothing", oninput: () => { state.weight = +slider.value; weight.textContent = slider.value; later(); } });
  const check = (name, key) => {
    const box = el("input", { type: "checkbox", id: key, onchange: () => { state[key] = box.checked; later(); } });
    box.checked = state[key];
    return el("label", {}, box, name);
  };
  const x = el("select", { id: "x", onchange: () => { state.x = x.value; later(); } }, ...["step", "relative", "wall"].map((name) => el("option", { value: name }, name)));
  const wrong = el("span", { class: "failed", role: "status" });
  const by = el("input", { type: "text", id: "by", placeholder: "(.*)/seed", oninput: () => {
    wrong.textContent = "";
    try { state.by = by.value ? new RegExp(by.value) : null; } catch { state.by = null; wrong.textContent = "no regular expression"; }
    later();
  } });
  const tag = el("input", { type: "text", id: "tag", placeholder: "regular expression", oninput: () => {
    let regex = null;
    try { regex = new RegExp(tag.value); } catch { return; }
    for (const card of document.querySelectorAll("[data-tag]")) card.style.display = regex.test(card.dataset.tag) ? "" : "none";
  } });
  const theme = el("button", { type: "button", onclick: () => {
    const isDark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = isDark ? "light" : "dark";
    later();
  } }, "light / dark");
  return el("div", { class: "bar", role: "group", "aria-label": "Charts" },
    el("label", {}, "Smoothing", slider, weight), el("label", {}, "x", x), check("log x", "logX"), check("log y", "logY"), check("clip outliers", "clip"),
    el("label", {}, "tags", tag), el("label", { title: "Runs for which the expression captures the same become a mean with its standard deviation" }, "group by", by), wrong, theme);
}

function runTable() {
  const hparams = [...new Set(runs.flatMap((run) => Object.keys(run.hparams)))].sort();
  const curve = (scalar, run) => scalar.curves.find((curve) => curve.run === run);
  const metrics = data.scalars.filter((scalar) => scalar.curves.length).slice(0, 12);
  const lastOf = (scalar, at) => { const found = curve(scalar, at); if (!found) return null; const { values } = decode(found); return values.length ? values[values.length - 1] : null; };
  const columns = [
    { name: "Run", of: (at) => runs[at].name }, { name: "State", of: (at) => runs[at].state }, { name: "Step", of: (at) => runs[at].step ?? null },
    ...hparams.map((name) => ({ name, of: (at) => runs[at].hparams[name] ?? null })),
    ...metrics.map((scalar) => { const values = runs.map((_, at) => lastOf(scalar, at)); return { name: scalar.tag, of: (at) => values[at] }; }),
  ];
  const body = el("tbody");
  const isNumber = columns.map((column) => runs.some((_, at) => typeof column.of(at) === "number"));
  const rows = runs.map((run, at) => {
    const box = el("input", { type: "checkbox", "aria-label": "Show " + run.name, onchange: () => { state.shown[at] = box.checked; later(); } });
    box.checked = true;
    const mark = el("span", { class: "mark", "aria-hidden": "true" }, run.mark);
    mark.style.color = run.color;
    const row = el("tr", {}, el("td", {}, box), ...columns.map((column, nth) => {
      const value = column.of(at);
      if (nth === 0) return el("td", {}, mark, String(value));
      return el("td", { class: (isNumber[nth] ? "n " : "") + (value === "failed" ? "failed" : "") }, value == null ? "–" : typeof value === "number" ? number(value) : String(value));
    }));
    row.box = box;
    body.append(row);
    return row;
  });
  const all = el("input", { type: "checkbox", "aria-label": "Show all runs", onchange: () => { rows.forEach((row, at) => { row.box.checked = all.checked; state.shown[at] = all.checked; }); later(); } });
  all.checked = true;
  const heads = columns.map((column, nth) => {
    const head = el("th", { class: isNumber[nth] ? "n" : "", scope: "col", "aria-sort": "none" }, el("button", { type: "button", onclick: () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = runs.map((_, at) => at).sort((a, b) => {
        const [x, y] = [column.of(a), column.of(b)];
        if (x == null || y == null) return (x == null) - (y == null);
        const less = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
        return down ? -less : less;
      });
      body.append(...order.map((at) => rows[at]));
    } }, column.name));
    return head;
  });
  section("Runs", el("div", { class: "scroll runs", tabindex: 0 }, el("table", { id: "runs", "aria-label": "Runs" }, el("thead", {}, el("tr", {}, el("td", {}, all), ...heads)), body)));
}

function scalars() {
  if (!data.scalars.length) return;
  const grid = el("div", { class: "grid" });
  section("Scalars", controls(), el("p", { class: "dim" }, "Drag to zoom, double-click or Esc to reset. Smoothing is TensorBoard's."), grid);
  for (const { tag, curves } of data.scalars) {
    const chart = new Chart(tag, curves, grid);
    chart.card.dataset.tag = tag;
    charts.push(chart);
    seen.observe(chart.card);
  }
  const sizes = new ResizeObserver(() => charts.forEach((chart) => chart.resize()));
  sizes.observe(grid);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
  window.addEventListener("beforeprint", () => charts.forEach((chart) => chart.isDrawn || chart.draw()));
}

const where = (item) => el("div", { class: "dim" }, runs[item.run].name);

function histograms() {
  if (!data.histograms.length) return;
  section("Histograms", el("div", { class: "grid" }, ...data.histograms.map((item) =>
    el("article", { class: "card", "data-run": item.run, "data-tag": item.tag }, el("h3", {}, item.tag), where(item),
      el("div", { class: "heat" }, el("span", {}, number(item.high)), el("span", { class: "low" }, number(item.low)),
        el("img", { src: "data:image/png;base64," + item.png, alt: `Heat map of ${item.count} histograms, steps ${item.first} to ${item.last}, values ${number(item.low)} to ${number(item.high)}` }),
        el("span"), el("span", {}, `steps ${item.first} to ${item.last}`))))));
}

function precisionRecall() {
  const found = data.pr_curves.filter((item) => item.curves.length);
  if (!found.length) return;
  const grid = el("div", { class: "grid" });
  section("Precision and recall", grid);
  for (const item of found) {
    const plot = el("div", { class: "plot", role: "img", "aria-label": `Precision over recall: ${item.tag}` });
    const legend = el("div", { class: "dim" });
    for (const curve of item.curves) {
      const mark = el("span", { class: "mark" }, runs[curve.run].mark);
      mark.style.color = runs[curve.run].color;
      legend.append(el("div", { "data-run": curve.run }, mark, `${runs[curve.run].name}, step ${curve.step}`));
    }
    grid.append(el("article", { class: "card", "data-tag": item.tag }, el("h3", {}, item.tag), plot, legend));
    const rising = (list) => { const out = []; for (const value of list) out.push(out.length && value <= out[out.length - 1] ? out[out.length - 1] + 1e-9 : value); return out; };
    const draw = () => {
      const color = css("--dim"), grid = { stroke: css("--line"), width: 1 };
      const axis = { stroke: color, grid, ticks: grid };
      plot.replaceChildren();
      new uPlot({ width: Math.max(plot.clientWidth, 200), height: 240, legend: { show: false },
        scales: { x: { time: false, range: [0, 1.02] }, y: { range: [0, 1.05] } }, axes: [{ ...axis, values: (u, ticks) => ticks.map(number), label: "recall", labelSize: 20 }, axis],
        series: [{}, ...item.curves.map((curve) => ({ stroke: runs[curve.run].color, width: 1.75, spanGaps: true, points: { show: false } }))] },
        uPlot.join(item.curves.map((curve) => [rising(curve.recall), curve.precision])), plot);
    };
    draw();
    new ResizeObserver(() => draw()).observe(grid);
  }
}

function images() {
  const found = data.images.filter((item) => item.items.length);
  if (!found.length) return;
  section("Images", el("div", { class: "grid" }, ...found.map((item) =>
    el("article", { class: "card", "data-run": item.run, "data-tag": item.tag }, el("h3", {}, item.tag), where(item), el("div", { class: "images" }, ...item.items.map((image) =>
      el("figure", {}, el("img", { src: image.src, alt: `${item.tag}, step ${image.step}`, loading: "lazy" }), el("figcaption", { class: "dim" }, `step ${image.step}` + (image.batch > 1 ? `, first of ${image.batch}` : "")))))))));
}

function texts() {
  if (!data.texts.length) return;
  section("Text", el("div", { class: "grid" }, ...data.texts.map((item) => {
    const body = el("div", { class: "text", tabindex: 0 });
    // Made by the program from escaped text: see markdown.rs.
    body.innerHTML = item.html;
    return el("article", { class: "card", "data-run": item.run, "data-tag": item.tag }, el("h3", {}, item.tag), el("div", { class: "dim" }, `${runs[item.run].name}, step ${item.step}`), body);
  })));
}

header();
runTable();
scalars();
precisionRecall();
histograms();
images();
texts();
window.report = { charts, state };
})();

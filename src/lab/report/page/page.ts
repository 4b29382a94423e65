/**
 * What the report does in the browser: draws each run twice, whole and close up, as lanes (probes that arrived or were
 * lost, states of the members) above what each probe took, on one axis. It stands in the page as it is compiled and
 * imports nothing; `uPlot` stands in the page before it.
 */
import type { PageDirection, PageRun, Range } from "../page-run.ts";

interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A direction with every probe's time and what it took; `null` for those that never arrived. */
interface Probes extends PageDirection {
  readonly atMs: readonly number[];
  readonly tookMs: readonly (number | null)[];
  readonly outages: readonly Outage[];
}

const LEFT = 92;
const RIGHT = 14;
const LANE = 24;
const TOP = 18;
const DELAY_HEIGHT = 200;
const ABOVE_DELAY = 8;
const PAPER_WIDTH = 690;
const FONT = "11px system-ui, sans-serif";
/** However short an outage is, it is seen. */
const LEAST_PIXELS = 3;
const NUMBER_ROOM = 12;

const runs = JSON.parse(document.getElementById("runs")?.textContent ?? "[]") as readonly PageRun[];
const decoded = runs.map(run => run.directions.map(probesOf));
/** What is on the page now, for whoever looks at it with a program. */
const plots: { run: number; range: Range; lanes: uPlot; delay: uPlot }[] = [];
Object.assign(globalThis, { plots });

function probesOf(direction: PageDirection): Probes {
  const { sentAfter, took } = direction.trace;
  const atMs: number[] = [];
  let at = 0;
  for (const step of sentAfter) {
    at += step;
    atMs.push(at / 100);
  }
  // What took less than can be told is drawn at the least that can.
  const tookMs = took.map(each => (each < 0 ? null : Math.max(1, each) / 100));
  return { ...direction, atMs, tookMs, outages: outagesOf(atMs, tookMs) };
}

/** From the first probe that was lost to the next one that was not. */
function outagesOf(atMs: readonly number[], tookMs: readonly (number | null)[]): Outage[] {
  const outages: Outage[] = [];
  let since: number | undefined;
  for (const [number, at] of atMs.entries()) {
    if (tookMs[number] === null) since ??= at;
    else if (since !== undefined) {
      outages.push({ fromMs: since, toMs: at });
      since = undefined;
    }
  }
  if (since !== undefined) outages.push({ fromMs: since, toMs: atMs.at(-1) ?? since });
  return outages;
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function stateColours(state: string): { readonly fill: string; readonly ink: string } {
  if (state === "Active") return { fill: colour("active"), ink: colour("on-active") };
  if (state === "Standby") return { fill: colour("standby"), ink: colour("on-standby") };
  if (state === "down" || state === "stopped") return { fill: colour("down"), ink: colour("on-down") };
  return { fill: colour("between"), ink: colour("on-between") };
}

function draw(): void {
  for (const { lanes, delay } of plots.splice(0)) {
    lanes.destroy();
    delay.destroy();
  }
  for (const figure of document.querySelectorAll<HTMLElement>(".plot")) {
    const at = Number(figure.dataset.run);
    const run = runs[at];
    const probes = decoded[at];
    const range = figure.dataset.part === "close" ? run?.closeUp : run?.whole;
    if (run === undefined || probes === undefined || range === undefined) continue;
    const width = isOnPaper() ? PAPER_WIDTH : Math.max(280, figure.clientWidth);
    const key = `${at} ${figure.dataset.part}`;
    const lanes = new uPlot(laneOptions(run, probes, range, width, key), [[...range], [null, null]], figure);
    const delay = new uPlot(delayOptions(run, probes, range, width, key), dataOf(probes), figure);
    plots.push({ run: at, range, lanes, delay });
  }
}

function isOnPaper(): boolean {
  return document.documentElement.dataset.paper !== undefined;
}

function dataOf(probes: readonly Probes[]): uPlot.AlignedData {
  const tables = probes.map(({ atMs, tookMs }): uPlot.AlignedData => [[...atMs], [...tookMs]]);
  return tables.length === 0 ? [[]] : uPlot.join(tables);
}

// --- axes ---

function timeAxis(isLabelled: boolean): uPlot.Axis {
  return {
    stroke: colour("muted"),
    grid: { stroke: colour("grid"), width: 1 },
    ticks: { stroke: colour("grid"), width: 1 },
    font: FONT,
    labelFont: FONT,
    space: 64,
    values: (_, splits) => splits.map(timeText),
    ...(isLabelled
      ? { label: "time after the first deed (ms, s)", labelSize: 18, size: 30 }
      : { size: 0, values: (_: uPlot, splits: number[]) => splits.map(() => "") }),
  };
}

function timeText(ms: number): string {
  if (ms === 0) return "0";
  return Math.abs(ms) >= 1000 ? `${Math.round(ms / 10) / 100} s` : `${Math.round(ms * 10) / 10} ms`;
}

function common(width: number, key: string): Pick<uPlot.Options, "width" | "legend" | "cursor" | "padding"> {
  return {
    width,
    legend: { show: false },
    cursor: { sync: { key, scales: ["x", null] }, drag: { x: true, y: false }, y: false, points: { show: false } },
    padding: [0, RIGHT, 0, 0],
  };
}

function timeScale(range: Range): uPlot.Scale {
  return { time: false, min: range[0], max: range[1] };
}

// --- what each probe took ---

function delayOptions(
  run: PageRun,
  probes: readonly Probes[],
  range: Range,
  width: number,
  key: string,
): uPlot.Options {
  const inside = probes.flatMap(({ atMs, tookMs }) =>
    tookMs.filter((took, at) => took !== null && (atMs[at] ?? 0) >= range[0] && (atMs[at] ?? 0) <= range[1]),
  );
  const most = inside.reduce<number>((high, took) => Math.max(high, took ?? 0), 1);
  const least = inside.reduce<number>((low, took) => Math.min(low, took ?? 1), 1);
  return {
    ...common(width, key),
    height: DELAY_HEIGHT,
    padding: [ABOVE_DELAY, RIGHT, 0, 0],
    scales: {
      x: timeScale(range),
      y: { distr: 3, log: 10, range: [decade(least, Math.floor), decade(most, Math.ceil)] },
    },
    axes: [
      timeAxis(true),
      {
        stroke: colour("muted"),
        grid: { stroke: colour("grid"), width: 1, filter: (_, splits) => splits.map(whole) },
        ticks: { stroke: colour("grid"), width: 1 },
        font: FONT,
        labelFont: FONT,
        label: "a probe took",
        labelSize: 18,
        size: LEFT - 18,
        values: (_, splits) => splits.map(each => (each === null ? "" : `${each} ms`)),
      },
    ],
    series: [
      {},
      ...probes.map(
        (each, at): uPlot.Series => ({
          label: each.name,
          paths: () => null,
          points: { show: true, size: 3, width: 0, fill: colour(`probe-${(at % 4) + 1}`) },
        }),
      ),
    ],
    hooks: {
      drawClear: [plot => drawOutages(plot, probes)],
      draw: [plot => drawMoments(plot, run, false)],
    },
  };
}

/** Powers of ten alone. */
function whole(ms: number): number | null {
  return Number.isInteger(Math.round(Math.log10(ms) * 1e6) / 1e6) ? ms : null;
}

/** What probes take stands by powers of ten: a fraction of a millisecond and an outage of seconds are both seen. */
function decade(ms: number, rounded: (power: number) => number): number {
  return 10 ** rounded(Math.log10(ms * 1.0001));
}

function drawOutages(plot: uPlot, probes: readonly Probes[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colour("outage");
  for (const outage of probes.flatMap(each => each.outages)) {
    const [from, to] = edges(plot, outage);
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
  }
  ctx.restore();
}

// --- lanes ---

function laneOptions(run: PageRun, probes: readonly Probes[], range: Range, width: number, key: string): uPlot.Options {
  const count = probes.length + run.lanes.length;
  return {
    ...common(width, key),
    height: TOP + count * LANE,
    padding: [TOP, RIGHT, 0, 0],
    scales: { x: timeScale(range), y: { range: [0, count] } },
    axes: [
      timeAxis(false),
      { size: LEFT, values: (_, splits) => splits.map(() => ""), grid: { show: false }, ticks: { show: false } },
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: {
      draw: [
        plot => {
          // Below the lanes: an outage may be as narrow as a line.
          drawMoments(plot, run, true);
          for (const [at, each] of probes.entries()) drawProbeLane(plot, at, each);
          for (const [at, lane] of run.lanes.entries()) drawStateLane(plot, probes.length + at, lane);
        },
      ],
    },
  };
}

function laneBox(plot: uPlot, at: number): { readonly top: number; readonly height: number } {
  const ratio = uPlot.pxRatio;
  return { top: plot.bbox.top + at * LANE * ratio + 3 * ratio, height: (LANE - 6) * ratio };
}

function drawProbeLane(plot: uPlot, at: number, { name, atMs, outages, lost }: Probes): void {
  const { top, height } = laneBox(plot, at);
  laneName(plot, name.replace(" to ", " → "), top + height / 2);
  block(plot, { fromMs: atMs[0] ?? 0, toMs: atMs.at(-1) ?? 0 }, top, height, colour("arrived"));
  for (const outage of outages) block(plot, outage, top, height, colour("lost"));
  const longest = outages.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))[0];
  const text = `${lost} lost`;
  if (longest !== undefined) textInside(plot, text, longest, top + height / 2, colour("on-lost"));
}

function drawStateLane(plot: uPlot, at: number, { member, group, spans }: PageRun["lanes"][number]): void {
  const { top, height } = laneBox(plot, at);
  laneName(plot, group === undefined ? member : `${member} ${group}`, top + height / 2);
  for (const span of spans) {
    const { fill, ink } = stateColours(span.state);
    block(plot, span, top, height, fill);
    textInside(plot, span.state, span, top + height / 2, ink);
  }
}

function laneName(plot: uPlot, text: string, y: number): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.font = canvasFont();
  ctx.fillStyle = colour("ink");
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  ctx.fillText(text, bbox.left - 6 * uPlot.pxRatio, y, bbox.left - 8 * uPlot.pxRatio);
  ctx.restore();
}

function block(plot: uPlot, part: Outage, top: number, height: number, fill: string): void {
  const [from, to] = edges(plot, part);
  if (to <= from) return;
  plot.ctx.fillStyle = fill;
  plot.ctx.fillRect(from, top, to - from, height);
}

/** In pixels of the canvas, within the plot; never too narrow to be seen. */
function edges(plot: uPlot, { fromMs, toMs }: Outage): [number, number] {
  const { left, width } = plot.bbox;
  const from = plot.valToPos(fromMs, "x", true);
  const to = Math.max(plot.valToPos(toMs, "x", true), from + LEAST_PIXELS * uPlot.pxRatio);
  return [Math.min(Math.max(from, left), left + width), Math.min(Math.max(to, left), left + width)];
}

function textInside(plot: uPlot, text: string, part: Outage, y: number, ink: string): void {
  const { ctx } = plot;
  const [from, to] = edges(plot, part);
  ctx.save();
  ctx.font = canvasFont();
  ctx.fillStyle = ink;
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  const inset = 5 * uPlot.pxRatio;
  if (ctx.measureText(text).width + 2 * inset <= to - from) ctx.fillText(text, from + inset, y);
  ctx.restore();
}

function canvasFont(): string {
  return FONT.replace("11px", `${11 * uPlot.pxRatio}px`);
}

/** A line at each moment, with its number in the list below where there is room. */
function drawMoments(plot: uPlot, { moments }: PageRun, areNumbered: boolean): void {
  const { ctx, bbox } = plot;
  let free = Number.NEGATIVE_INFINITY;
  ctx.save();
  ctx.font = canvasFont();
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  ctx.strokeStyle = colour("moment");
  ctx.fillStyle = colour("ink");
  ctx.lineWidth = uPlot.pxRatio;
  for (const [at, { atMs }] of moments.entries()) {
    const x = plot.valToPos(atMs, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash(atMs === 0 ? [] : [3 * uPlot.pxRatio, 3 * uPlot.pxRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (!areNumbered || x < free) continue;
    ctx.fillText(String(at + 1), x, bbox.top - 2 * uPlot.pxRatio);
    free = x + NUMBER_ROOM * uPlot.pxRatio;
  }
  ctx.restore();
}

// --- when to draw ---

function onPaper(isPaper: boolean): void {
  if (isPaper === isOnPaper()) return;
  if (isPaper) document.documentElement.dataset.paper = "";
  else delete document.documentElement.dataset.paper;
  draw();
}

let width = 0;
new ResizeObserver(() => {
  const now = document.body.clientWidth;
  if (now === width || isOnPaper()) return;
  width = now;
  draw();
}).observe(document.body);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
matchMedia("print").addEventListener("change", event => onPaper(event.matches));
addEventListener("beforeprint", () => onPaper(true));
addEventListener("afterprint", () => onPaper(false));

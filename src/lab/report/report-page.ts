/**
 * The report as one page that needs nothing else: a summary beside its bounds, the topology, and for each fault the
 * plots, what was done and seen, what was typed and answered, and what the members logged. Pure.
 */
import type { RunOutcome } from "../fault-run.ts";
import { boundText, type Fault, isBoundKept } from "../faults.ts";
import type { Spoken } from "../levers.ts";
import type { Topology } from "../topology.ts";
import { embedded, escaped } from "./markup.ts";
import { pageRun } from "./page-data.ts";
import type { PageRun } from "./page-run.ts";
import { topologySvg } from "./topology-svg.ts";

export interface ReportedRun {
  readonly title: string;
  readonly fault: Fault;
  readonly outcome: RunOutcome;
}

export interface Report {
  readonly topology: Topology;
  /** As configured with `--timers`. */
  readonly timers?: string;
  readonly probesPerSecond: number;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly runs: readonly ReportedRun[];
}

/** What stands in the page and is not of one run. */
export interface PageParts {
  readonly style: string;
  readonly plotLibrary: string;
  readonly script: string;
}

export function reportPage(report: Report, parts: PageParts): string {
  const { topology, runs } = report;
  const drawn = runs.map(({ title, outcome }) => pageRun(title, topology, outcome));
  const title = `Understudy: ${topology.name}, ${runs.length === 1 ? runs[0]?.title : `${runs.length} faults`}`;
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta http-equiv="Content-Security-Policy" ' +
      "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">",
    '<link rel="icon" href="data:,">',
    `<title>${escaped(title)}</title>`,
    `<style>${parts.style}</style>`,
    "</head>",
    "<body>",
    ...heading(report),
    ...summary(report),
    "<section><h2>Topology</h2>",
    `<p>${escaped(sentence(topology.summary))}</p>`,
    `<div class="wide">${topologySvg(topology)}</div>`,
    "</section>",
    ...runs.flatMap((run, at) => runSection(run, drawn[at], at)),
    ...legend(),
    `<script type="application/json" id="runs">${embedded(drawn)}</script>`,
    `<script>${parts.plotLibrary}</script>`,
    `<script type="module">${parts.script}</script>`,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}

function heading({ topology, timers, probesPerSecond, machine, runs }: Report): string[] {
  const began = runs[0]?.outcome.originAt;
  const facts = [
    ...(began === undefined ? [] : [new Date(began).toISOString().replace("T", " ").replace(/\..*/, " UTC")]),
    `${probesPerSecond} probes a second in each direction`,
    timers === undefined ? "timers as configured" : `timers ${timers}`,
    ...Object.entries(machine).map(([name, value]) => `${WORDS[name] ?? name} ${value}`),
  ];
  return [
    `<header><h1>Understudy lab: ${escaped(topology.name)}</h1>`,
    `<p class="facts">${facts.map(each => `<span>${escaped(each)}</span>`).join(" ")}</p></header>`,
  ];
}

const WORDS: Readonly<Record<string, string>> = { node: "Node", loadAverage: "load" };

function summary({ runs, timers }: Report): string[] {
  const hasIke = runs.some(each => each.outcome.negotiated !== undefined);
  const heads = ["fault", "", "bound", "active", "sent", "lost", "twice", "out of order", "gap, ms"];
  const all = [...heads, ...(hasIke ? ["phase 1", "quick modes"] : [])];
  return [
    '<section><h2>What it cost</h2><div class="wide"><table class="summary">',
    `${headRow(all)}<tbody>`,
    ...runs.map((run, at) => summaryRow(run, at, timers, hasIke)),
    "</tbody></table></div></section>",
  ];
}

function summaryRow({ title, fault, outcome }: ReportedRun, at: number, timers: string | undefined, hasIke: boolean) {
  const { directions, activeBefore, activeAfter, negotiated } = outcome;
  const sum = (of: (each: RunOutcome["directions"][number]) => number): number =>
    directions.reduce((total, each) => total + of(each), 0);
  const figures = [
    sum(each => each.sent),
    sum(each => each.lost),
    sum(each => each.duplicated),
    sum(each => each.reordered),
    Math.max(0, ...directions.map(each => each.gapMs)),
    ...(hasIke ? [negotiated?.phase1 ?? "", negotiated?.quickModes ?? ""] : []),
  ];
  const moved = activeBefore === activeAfter ? activeBefore : `${activeBefore} → ${activeAfter}`;
  return (
    `<tr><th scope="row"><a href="#run-${at + 1}">${escaped(title)}</a></th>${verdict(fault, outcome, timers)}` +
    `<td>${fault.bound === undefined ? "none" : escaped(boundText(fault.bound))}</td><td>${escaped(moved)}</td>` +
    `${figures.map(each => `<td class="number">${each}</td>`).join("")}</tr>`
  );
}

function verdict(fault: Fault, outcome: RunOutcome, timers: string | undefined): string {
  const isKept = isBoundKept(fault, timers, outcome.directions);
  if (outcome.problems.length > 0 || isKept === false) return '<td class="bad">NOT MET</td>';
  return isKept === undefined ? '<td class="mute">no promise</td>' : '<td class="good">kept</td>';
}

function runSection({ title, fault, outcome }: ReportedRun, drawn: PageRun | undefined, at: number): string[] {
  return [
    `<section class="run" id="run-${at + 1}"><h2>${escaped(title)}</h2>`,
    `<p>${escaped(sentence(fault.summary))} It heals: ${escaped(fault.heals)}.</p>`,
    ...outcome.problems.map(each => `<p class="bad">Problem: ${escaped(each)}</p>`),
    ...(drawn?.closeUp === undefined ? [] : figure(at, "close", `Around the takeover: ${lostText(outcome)}`)),
    ...figure(at, "whole", `The whole run${drawn?.closeUp === undefined ? `: ${lostText(outcome)}` : ""}`),
    ...directionTable(drawn, outcome),
    ...momentList(drawn),
    ...console(outcome.spoken),
    ...logs(outcome.log),
    "</section>",
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function lostText({ directions }: RunOutcome): string {
  const lost = directions.reduce((total, each) => total + each.lost, 0);
  const gapMs = Math.max(0, ...directions.map(each => each.gapMs));
  return lost === 0 ? "no probe was lost" : `${lost} probes lost, silent for ${gapMs} ms at most`;
}

function figure(run: number, part: "whole" | "close", caption: string): string[] {
  return [
    `<figure><figcaption>${escaped(caption)}</figcaption>`,
    `<div class="plot" data-run="${run}" data-part="${part}"></div></figure>`,
  ];
}

function directionTable(drawn: PageRun | undefined, { directions }: RunOutcome): string[] {
  const heads = ["direction", "sent", "lost", "twice", "out of order", "gap, ms", "from, ms", "prober late, ms"];
  return [
    `<div class="wide"><table>${headRow(heads)}<tbody>`,
    ...directions.map((each, at) => {
      const { sent, lost, duplicated, reordered, gapMs, gapAtMs, probeStallMs } = each;
      const figures = [sent, lost, duplicated, reordered, gapMs, gapAtMs, probeStallMs];
      const name = drawn?.directions[at]?.name ?? each.direction;
      return (
        `<tr><th scope="row">${swatch(at)} ${escaped(name)}</th>` +
        `${figures.map(figure => `<td class="number">${figure}</td>`).join("")}</tr>`
      );
    }),
    "</tbody></table></div>",
  ];
}

function headRow(heads: readonly string[]): string {
  return `<thead><tr>${heads.map(each => `<th scope="col">${escaped(each)}</th>`).join("")}</tr></thead>`;
}

/** As the page colours a direction's probes. */
function swatch(at: number): string {
  return `<i class="swatch probe-${(at % 4) + 1}"></i>`;
}

function momentList(drawn: PageRun | undefined): string[] {
  if (drawn === undefined || drawn.moments.length === 0) return [];
  return [
    '<h3>What was done, and what the switches saw</h3><ol class="moments">',
    ...drawn.moments.map(({ atMs, what }) => `<li><b>${atMs} ms</b> ${escaped(what)}</li>`),
    "</ol>",
  ];
}

function console(spoken: readonly Spoken[]): string[] {
  if (spoken.length === 0) return [];
  return [
    "<h3>Typed and answered</h3>",
    ...spoken.map(({ atMs, host, lines, output }) => {
      const typed = lines.map(line => `<b>${escaped(line)}</b>`).join("\n");
      const said = output.replaceAll("\r", "").trim();
      return (
        `<figure class="console"><figcaption>${escaped(host)}, at ${seconds(atMs)} s</figcaption>` +
        `<pre>${typed}${said === "" ? "" : `\n${escaped(said)}`}</pre></figure>`
      );
    }),
  ];
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function logs(log: RunOutcome["log"]): string[] {
  const told = Object.entries(log).filter(([, lines]) => lines.length > 0);
  if (told.length === 0) return [];
  return [
    "<h3>Logged meanwhile</h3>",
    ...told.map(
      ([host, lines]) =>
        `<figure class="console log"><figcaption>${escaped(host)}</figcaption>` +
        `<pre>${escaped(lines.join("\n"))}</pre></figure>`,
    ),
  ];
}

function legend(): string[] {
  const states = ["Active", "Standby", "between", "down"].map(
    each => `<span class="key"><i class="swatch ${each.toLowerCase()}"></i>${each}</span>`,
  );
  return [
    "<section><h2>How to read it</h2>",
    "<p>All times are milliseconds after the first deed. Each probe has a number and is counted where it arrives; " +
      "sender and receiver read one clock, so a point is the way there alone. A gap is the longest silence at the " +
      "receiver. A red part of a lane is from the first probe lost to the next one that arrived. " +
      "Drag across a plot to look closer, double-click to go back.</p>",
    `<p class="keys"><span class="key"><i class="swatch arrived"></i>arrived</span> ` +
      `<span class="key"><i class="swatch lost"></i>lost</span> ${states.join(" ")}</p>`,
    "<p>States are what the members logged. A member that was killed or stopped says nothing: that is shown by what " +
      "was done to it.</p>",
    "</section>",
  ];
}

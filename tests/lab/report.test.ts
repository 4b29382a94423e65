/**
 * The report as a browser shows it: the numbers that are drawn are the run's, the colours say what was lost, nothing is
 * cut off or lies on anything else, by day and by night, on a phone and on paper; and it asks nobody for anything.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faultNamed } from "../../src/lab/faults.ts";
import { type ProbeTrace, pointsOf } from "../../src/lab/probe-trace.ts";
import { outcome } from "../../src/lab/report/outcome.test-support.ts";
import { writeReport } from "../../src/lab/report/report.ts";
import { topologies } from "../../src/lab/topologies.ts";
import { Browser, HAS_BROWSER } from "./browser.ts";
import { ROOT, understudy } from "./harness.ts";

const SCREENS = [
  { name: "by day", width: 1200, height: 900, scheme: "light" },
  { name: "by night", width: 1200, height: 900, scheme: "dark" },
  { name: "on a phone", width: 390, height: 844, scheme: "light" },
] as const;

/** What the page drew of one run, as its plots hold it: for each direction a time and what the probe took. */
function drawnPoints(run: number, direction: number): string {
  return `(() => {
    const { delay } = plots.find(each => each.run === ${run});
    const [times, ...series] = delay.data;
    return times.map((at, n) => [at, series[${direction}][n]]).filter(([, took]) => took !== undefined);
  })()`;
}

/** The colour of a lane at a moment, below any word in it, and the colour that the page's style gives to a word. */
const LOOK = `((word, lane, atMs) => {
  const { lanes } = plots[0];
  const x = Math.round(lanes.valToPos(atMs, "x", true));
  const y = Math.round(lanes.bbox.top + (lane + 0.8) * 24 * devicePixelRatio);
  const seen = [...lanes.ctx.getImageData(x, y, 1, 1).data].slice(0, 3);
  const probe = document.createElement("i");
  probe.style.color = getComputedStyle(document.documentElement).getPropertyValue("--" + word);
  document.body.append(probe);
  const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  return { seen, wanted };
})`;

/** What sticks out of the page, or out of what is not to scroll by itself. */
const CUT_OFF = `[...document.querySelectorAll("h1, h2, h3, p, figure, .plot canvas, .log pre, .moments")]
  .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(each => each.tagName + ": " + each.textContent.slice(0, 60))`;

/** Words of a picture that lie on one another. */
const OVERLAPS = `(() => {
  const texts = [...document.querySelectorAll(".topology text")].map(each => [each.textContent, each.getBBox()]);
  return texts.flatMap(([word, a], at) => texts.slice(at + 1)
    .filter(([, b]) => a.x < b.x + b.width && b.x < a.x + a.width)
    .filter(([, b]) => a.y + 1 < b.y + b.height && b.y + 1 < a.y + a.height)
    .map(([other]) => word + " / " + other));
})()`;

const expected = (trace: ProbeTrace): unknown => {
  const { atMs, tookMs } = pointsOf(trace);
  return atMs.map((at, n) => {
    const took = tookMs[n] ?? null;
    return [at, took === null ? null : Math.max(0.01, took)];
  });
};

describe.skipIf(!HAS_BROWSER)("the report", () => {
  let browser: Browser;
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "us-report-"));
    browser = await Browser.open();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A page for a topology with two runs: one that cost forty probes, one that cost nothing. */
  const page = async (topology: (typeof topologies)[number]): Promise<string> => {
    const healthy = outcome.directions.map(each => ({
      ...each,
      received: each.sent,
      lost: 0,
      trace: { sentAfter: each.trace?.sentAfter ?? [], took: (each.trace?.took ?? []).map(() => 30) },
    }));
    const base = { topology, probesPerSecond: 1_000, machine: { processor: "Some <b>processor</b>", cores: 2 } };
    const runs = [
      { title: "killed", fault: faultNamed("kill"), outcome: { ...outcome, negotiated: { phase1: 0, quickModes: 1 } } },
      { title: "nothing", fault: faultNamed("none"), outcome: { ...outcome, directions: healthy, timeline: [] } },
    ];
    return writeReport(join(folder, `${topology.name}.html`), { ...base, runs });
  };

  test.each(SCREENS)("$name: drawn numbers, colours, nothing cut off", async ({ name, width, height, scheme }) => {
    const [topology] = topologies;
    if (topology === undefined) throw new Error("there is no topology");
    await browser.show(width, height, scheme);
    await browser.visit(`file://${await page(topology)}`);
    await browser.show(width, height, scheme);
    for (const [run, of] of [outcome.directions[0]?.trace].entries())
      expect(await browser.evaluate(drawnPoints(run, 0)), `run ${run}`).toEqual(
        expected(of ?? { sentAfter: [], took: [] }),
      );
    // In the close-up: a lane that is red where probes were lost, and there alone.
    for (const [word, atMs] of [
      ["arrived", -30],
      ["lost", 30],
      ["arrived", 80],
    ] as const) {
      const { seen, wanted } = await browser.evaluate<{ seen: number[]; wanted: number[] }>(
        `${LOOK}("${word}", 0, ${atMs})`,
      );
      expect(seen, `${word} at ${atMs} ms`).toEqual(wanted);
    }
    expect(await browser.evaluate(CUT_OFF)).toEqual([]);
    expect(await browser.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    writeFileSync(join(folder, `${name}.png`), await browser.picture());
    expect(browser.complaints).toEqual([]);
    expect(browser.requested.filter(each => !/^(file|data):/.test(each))).toEqual([]);
  });

  test("on paper it is light, as wide as the paper, and whole", async () => {
    await browser.show(1200, 900, "dark", "print");
    expect(await browser.evaluate("plots.map(each => each.delay.width)")).toEqual([690, 690, 690]);
    const { seen, wanted } = await browser.evaluate<{ seen: number[]; wanted: number[] }>(`${LOOK}("lost", 0, 30)`);
    expect({ seen, wanted }).toEqual({ seen: [209, 36, 47], wanted: [209, 36, 47] });
    const paper = await browser.paper();
    expect(paper.subarray(0, 5).toString()).toBe("%PDF-");
    await browser.show(1200, 900, "dark");
    expect(await browser.evaluate("plots.every(each => each.delay.width !== 690)")).toBe(true);
  });

  test.each(topologies)("the picture of $name has no word on another", async topology => {
    await browser.visit(`file://${await page(topology)}`);
    expect(await browser.evaluate("document.querySelectorAll('.topology text').length")).toBeGreaterThan(
      topology.hosts.length,
    );
    expect(await browser.evaluate(OVERLAPS)).toEqual([]);
  });

  test("what a machine or a gateway says stays text", async () => {
    expect(await browser.evaluate("document.querySelectorAll('header b').length")).toBe(0);
    expect(await browser.evaluate("document.querySelector('header').textContent")).toContain("<b>processor</b>");
  });

  test.skipIf(!ROOT)("of a real run: every probe that was sent is in it", async () => {
    const file = join(folder, "run.html");
    const args = ["lab", "run", "article", "--name", "labreport", "--fault", "switchover", "--report", file, "--json"];
    const { out, err } = await understudy(...args);
    expect(err).toBe("");
    const run = JSON.parse(out) as { report: string; directions: { sent: number; lost: number; trace: ProbeTrace }[] };
    expect(run.report).toBe(file);
    expect(readFileSync(file, "utf8")).not.toMatch(/(src|href)="(?!#|data:)/);
    await browser.visit(`file://${file}`);
    await browser.show(1200, 900, "light");
    expect(run.directions.length).toBeGreaterThan(0);
    for (const [at, { sent, lost, trace }] of run.directions.entries()) {
      const points = await browser.evaluate<[number, number | null][]>(drawnPoints(0, at));
      expect(points).toEqual(expected(trace));
      expect(points).toHaveLength(sent);
      expect(points.filter(([, took]) => took === null)).toHaveLength(lost);
    }
    expect(browser.complaints).toEqual([]);
  });
});

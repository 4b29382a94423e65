import { expect, test } from "vitest";
import { article } from "../article.ts";
import { faultNamed } from "../faults.ts";
import { outcome } from "./outcome.test-support.ts";
import { type Report, reportPage } from "./report-page.ts";

const parts = { style: "/* style */", plotLibrary: "/* library */", script: "/* script */" };
const kill = faultNamed("kill");
const page = (change: Partial<typeof outcome>, more: Partial<Report> = {}): string =>
  reportPage(
    {
      topology: article,
      probesPerSecond: 1_000,
      machine: {},
      runs: [{ title: "killed", fault: kill, outcome: { ...outcome, ...change } }],
      ...more,
    },
    parts,
  );
const gaps = (gapMs: number) => ({ directions: outcome.directions.map(each => ({ ...each, gapMs })) });

test("a bound is kept or not met, and a problem is never kept", () => {
  expect(page(gaps(80))).toContain('<td class="good">kept</td><td>gap &lt;= 80 ms</td>');
  expect(page(gaps(80.1))).toContain('<td class="bad">NOT MET</td>');
  const wrong = page({ ...gaps(1), problems: ["sent twice: <1>"] });
  expect(wrong).toContain('<td class="bad">NOT MET</td>');
  expect(wrong).toContain("Problem: sent twice: &lt;1&gt;");
});

test("a promise for other timers is none", () => {
  const runs = [{ title: "dead", fault: faultNamed("dead"), outcome }];
  expect(page({}, { runs })).toContain('<td class="mute">no promise</td>');
  expect(page({}, { runs, timers: "msec 15 msec 50" })).toContain('<td class="good">kept</td>');
});

test("what was typed stands with what was answered, and what was logged with who logged it", () => {
  const spoken = [{ atMs: 12, host: "R1", lines: ["configure terminal", "end"], output: "% <no>\r\n" }];
  const shown = page({ spoken, log: { R1: ["*Nov 26 02:26:19.449: %SYS & more"], R2: [] } });
  expect(shown).toContain(
    "<figcaption>R1, at 0.012 s</figcaption><pre><b>configure terminal</b>\n<b>end</b>\n% &lt;no&gt;</pre>",
  );
  expect(shown).toContain("<figcaption>R1</figcaption><pre>*Nov 26 02:26:19.449: %SYS &amp; more</pre>");
});

test("what the far end saw of IKE has its columns, where there is IKE", () => {
  expect(page({})).not.toContain("quick modes");
  const shown = page({ negotiated: { phase1: 0, quickModes: 3 } });
  expect(shown).toContain('<td class="number">0</td><td class="number">3</td></tr>');
});

test("everything stands in the page, in an order in which it works", () => {
  const shown = page({});
  const order = ["/* style */", 'id="runs"', "/* library */", "/* script */"].map(each => shown.indexOf(each));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order).not.toContain(-1);
});

import { expect, test } from "vitest";
import { article } from "../article.ts";
import { outcome, trace } from "./outcome.test-support.ts";
import { nameOf, pageRun } from "./page-data.ts";

test("the whole run, and closely from the deed to the end of what it cost", () => {
  const run = pageRun("kill", article, outcome);
  expect(run.whole).toEqual([-100, 900]);
  expect(run.closeUp).toEqual([-40, 90]);
  expect(run.directions).toEqual([{ name: "H1 to B1", lost: 40, gapMs: 41, trace }]);
});

test("no close-up of what is the run itself, nor where nothing happened", () => {
  const long = { ...trace, took: trace.took.map((each, n) => (n >= 110 && n < 900 ? -1 : each)) };
  const directions = outcome.directions.map(each => ({ ...each, trace: long }));
  expect(pageRun("kill", article, { ...outcome, directions })).not.toHaveProperty("closeUp");
  const whole = { ...trace, took: trace.took.map(() => 30) };
  const healthy = outcome.directions.map(each => ({ ...each, lost: 0, trace: whole }));
  expect(pageRun("none", article, { ...outcome, directions: healthy, timeline: [] })).not.toHaveProperty("closeUp");
});

test("an address is named by its host; one that is shared keeps its name", () => {
  expect([nameOf(article, "10.99.0.101"), nameOf(article, "10.99.0.15")]).toEqual(["H1", "10.99.0.15"]);
});

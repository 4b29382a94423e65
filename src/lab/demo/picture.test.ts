import { describe, expect, test } from "vitest";
import type { Direction } from "../probe.ts";
import { cellRoom, picture } from "./picture.ts";
import { advanced, cellOf, isThrough, type Scene } from "./scene.ts";
import { stageFor } from "./stage.ts";

const SCREEN = { columns: 80, rows: 24, colour: false };
const SCENE: Scene = {
  heading: "Act 3 of 4: the active is killed",
  members: [
    { name: "R1", state: "Active" },
    { name: "R2", state: "Standby" },
  ],
  near: "H1",
  beyond: ["R3", "R4", "B1"],
  strips: [{ name: "H1 to 172.16.5.101", cells: ["all", "none", "some", "all"], sent: 400, lost: 120 }],
  events: ["  +0 ms  R1: SIGKILL", "  +60 ms  R2 took over"],
  results: ["nothing happens: sent 1000"],
};

function direction(reached: number, received: number): Direction {
  const sent = 300;
  const common = { direction: "tunnel", from: "H1", to: "B1", duplicated: 0, reordered: 0 };
  return { ...common, gapMs: 0, gapAtMs: 0, probeStallMs: 0, sent, reached, received, lost: 0 };
}

describe("the picture", () => {
  test("shows who is active, the tunnel, the strip of probes and what happened", () => {
    expect(picture(SCENE, SCREEN)).toEqual([
      "Act 3 of 4: the active is killed",
      "",
      " H1 ──┬── R1 Active                  ──┬── R3 ═ tunnel up ═ R4 ── B1",
      "      └── R2 Standby                 ──┘",
      "",
      `H1 to 172.16.5.101    ▪█▄▪${" ".repeat(26)} sent 400, lost 120`,
      "",
      "nothing happens: sent 1000",
      "",
      "  +0 ms  R1: SIGKILL",
      "  +60 ms  R2 took over",
    ]);
  });

  test("fits a small screen: the newest events stay, and no line is wider", () => {
    const lines = picture({ ...SCENE, heading: "x".repeat(200) }, { ...SCREEN, rows: 11, columns: 70 });
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.at(-1)).toBe("  +60 ms  R2 took over");
    expect(Math.max(...lines.map(each => each.length))).toBeLessThanOrEqual(70);
  });

  test("has colours where they are wanted", () => {
    expect(picture(SCENE, { ...SCREEN, colour: true }).join("\n")).toContain("\x1b[31m█\x1b[0m");
    expect(picture(SCENE, SCREEN).join("\n")).not.toContain("\x1b");
  });
});

describe("strips", () => {
  test("a cell is what became of the probes since the last look, as their receiver knows it", () => {
    const [first, second, third] = [direction(100, 100), direction(105, 105), direction(300, 180)];
    const one = advanced([], undefined, [first], 10);
    const two = advanced(one, [first], [second], 10);
    expect(advanced(two, [second], [third], 10)).toEqual([
      { name: "H1 to B1", cells: ["all", "none", "some"], sent: 300, lost: 120 },
    ]);
    expect(advanced(two, [second], [third], 2)[0]?.cells).toEqual(["none", "some"]);
  });

  test("nothing but what is missing makes a cell other than all", () => {
    expect([cellOf(100, 100), cellOf(100, 99), cellOf(9, 9), cellOf(0, 0)]).toEqual(["all", "some", "none", "none"]);
  });

  test("the tunnel is up while the newest cells have something in them", () => {
    const strip = { name: "", sent: 0, lost: 0 };
    expect(isThrough([{ ...strip, cells: ["none", "all"] }])).toBe(true);
    expect(isThrough([{ ...strip, cells: ["all", "none"] }])).toBe(false);
    expect(isThrough([])).toBe(false);
  });
});

describe("the stage", () => {
  const recording = (isTTY: boolean) => {
    const said: string[] = [];
    return { said, output: { isTTY, columns: 80, rows: 24, write: (text: string) => said.push(text) } };
  };

  test("without a terminal there are lines alone", () => {
    const { said, output } = recording(false);
    const stage = stageFor(output, {});
    stage.show(SCENE);
    stage.say("one", "two");
    stage.close();
    expect({ said, cells: stage.cells }).toEqual({ said: ["one\ntwo\n"], cells: 0 });
  });

  test("in a terminal the picture has a screen of its own, and what was said comes after it", () => {
    const { said, output } = recording(true);
    const stage = stageFor(output, { NO_COLOR: "1" });
    expect(stage.cells).toBe(cellRoom({ columns: 80 }));
    stage.show(SCENE);
    stage.say("a result");
    expect(said.join("")).not.toContain("a result");
    stage.close();
    stage.close();
    expect(said[0]).toContain("?1049h");
    expect(said.slice(-2)).toEqual(["\x1b[?25h\x1b[?1049l", "a result\n"]);
  });

  test("a terminal that can do nothing gets lines", () => {
    expect(stageFor(recording(true).output, { TERM: "dumb" }).cells).toBe(0);
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { ProcessView } from "./process-view.ts";

test("sees a child run, stand still, run again and end", async () => {
  const child = spawn("sleep", ["1000"]);
  const view = new ProcessView(child.pid);
  expect(view.look()).toMatchObject({ exiting: false });
  child.kill("SIGSTOP");
  await expect.poll(() => view.look().state).toBe("T");
  child.kill("SIGCONT");
  await expect.poll(() => view.look().state).toBe("S");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(view.look()).toEqual({ state: "X", exiting: true });
  view.close();
});

test("takes nobody for dead whom it never saw", () => {
  for (const pid of [undefined, 2 ** 22 + 1]) {
    const view = new ProcessView(pid);
    expect(view.look()).toEqual({ state: "?", exiting: false });
    view.close();
  }
});

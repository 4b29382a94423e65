import { expect, test } from "vitest";
import { DirectOutlet } from "./outlet.ts";

test("without replication everything is done at once, in order", () => {
  const done: string[] = [];
  const perform = (what: string, reveals: boolean) =>
    ({ do: "perform", effect: () => done.push(what), reveals }) as const;
  const checkpoint = { do: "checkpoint", checkpoint: { delete: { kind: "ike", key: "1" } } } as const;
  new DirectOutlet().decided("plain", "1", [perform("first", false), checkpoint, perform("second", true)]);
  expect(done).toEqual(["first", "second"]);
});

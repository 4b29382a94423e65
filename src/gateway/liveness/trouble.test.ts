import { expect, test } from "vitest";
import { SystemError } from "../../core/errors.ts";
import { Trouble } from "./trouble.ts";

const refuse = (what: string) => (): void => {
  throw new SystemError(what, {}, new Error("no"));
};

test("a refusal is told, then not again for a while, and keeps nobody from going on", () => {
  let now = 0;
  const told: string[] = [];
  const trouble = new Trouble(
    text => told.push(text),
    () => now,
  );
  for (now = 0; now < 25_000; now += 5) trouble.guard(refuse("send"));
  trouble.guard(refuse("bind"));
  expect(told.map(each => each.split(":")[0])).toEqual(["cannot send", "cannot send", "cannot send", "cannot bind"]);
});

test("our own mistakes are not refusals", () => {
  const trouble = new Trouble(
    () => {},
    () => 0,
  );
  const mistake = (): void => trouble.guard(() => decodeURIComponent("%"));
  expect(mistake).toThrow(URIError);
});

test("a thousand different refusals are told and not kept", () => {
  const told: string[] = [];
  const trouble = new Trouble(
    text => told.push(text),
    () => 0,
  );
  for (let at = 0; at < 1_000; at++) trouble.guard(refuse(`send ${at}`));
  trouble.guard(refuse("send 0"));
  trouble.guard(refuse("send 999"));
  expect(told).toHaveLength(1_001);
});

/** The lines that threads share: where they lie, what they hold, who may read them. */
import { expect, test } from "vitest";
import { loadAddon } from "../../src/linux/addon.ts";
import { ROLE_LINE_OCTETS, RoleWords } from "../../src/linux/role-words.ts";

test("lines begin at a multiple of their length, wherever the allocator puts them", () => {
  for (let lines = 1; lines < 20; lines++) {
    const words = RoleWords.allocate(lines);
    expect(loadAddon().addressModulo(words.octets, ROLE_LINE_OCTETS)).toBe(0);
    expect(words.octets.length).toBe(lines * ROLE_LINE_OCTETS);
  }
});

test("a line is octets that native code can read: epoch and role, then the lease in nanoseconds", () => {
  const words = RoleWords.allocate(2);
  words.write(1, { role: "active", epoch: 0x01_0203_0405, leaseUntilMs: 1.5 });
  expect([...words.octets.subarray(64, 80)]).toEqual([2, 5, 4, 3, 2, 1, 0, 0, 0x60, 0xe3, 0x16, 0, 0, 0, 0, 0]);
  expect(words.octets.subarray(0, 64).every(each => each === 0)).toBe(true);
  expect(words.octets.subarray(80).every(each => each === 0)).toBe(true);
});

test("when the other member was heard stands beside the role, and a change of role leaves it", () => {
  const words = RoleWords.allocate(2);
  expect(words.heardMs(1)).toBeUndefined();
  words.hear(1, 1234.5);
  words.write(1, { role: "grace", epoch: 7, leaseUntilMs: 250 });
  expect([words.heardMs(0), words.heardMs(1)]).toEqual([undefined, 1234.5]);
  expect(words.read(1)).toEqual({ role: "grace", epoch: 7, leaseUntilMs: 250 });
});

test("another thread's view reads what was written, and who is not active holds no lease", () => {
  const words = RoleWords.allocate(3);
  const other = new RoleWords(words.shared);
  expect(other.read(2)).toEqual({ role: "init", epoch: 0, leaseUntilMs: 0 });
  words.write(2, { role: "draining", epoch: 7, leaseUntilMs: 250 });
  expect(other.read(2)).toEqual({ role: "draining", epoch: 7, leaseUntilMs: 250 });
  words.write(2, { role: "standby", epoch: 8, leaseUntilMs: 250 });
  expect(other.read(2)).toEqual({ role: "standby", epoch: 8, leaseUntilMs: 0 });
});

test("who is active or hands over speaks for the owner until its lease is over, and nobody else does", () => {
  const words = RoleWords.allocate(1);
  const speaks = (["init", "standby", "active", "draining", "grace"] as const).map(role => {
    words.write(0, { role, epoch: 3, leaseUntilMs: 250 });
    return [role, words.speaks(0, 249), words.speaks(0, 250)];
  });
  expect(speaks).toEqual([
    ["init", false, false],
    ["standby", false, false],
    ["active", true, false],
    ["draining", true, false],
    ["grace", false, false],
  ]);
});

import { expect, test } from "vitest";
import { gateRows, isEverySchemeHot } from "./gate-brief.ts";

const memberText = (scheme: string, member: string): string => `Scheme standby ${scheme}
  The gate decides who is active
  This member is ${member}
  The other member is standby, epoch 3, hot, heard 2 msec ago
  Heard on 2 interfaces
`;

test("a member's row is what it says of itself", () => {
  expect(gateRows(memberText("A", "active, epoch 3"))).toEqual([
    { scheme: "A", isPlain: false, role: "active", epoch: 3, isHot: false },
  ]);
  expect(gateRows(memberText("A", "standby, epoch 2, hot"))[0]).toMatchObject({ role: "standby", isHot: true });
  expect(gateRows(memberText("A", "standby, epoch 2, not hot"))[0]).toMatchObject({ isHot: false });
  expect(gateRows("No redundancy scheme is configured: every group is plain HSRP")).toEqual([]);
  expect(gateRows("Scheme standby A\r\n  Plain HSRP decides who is active: no key\r\n")[0]).toMatchObject({
    isPlain: true,
    role: "",
  });
});

test("a scheme is hot with one active and one standby that holds everything", () => {
  const rows = (...members: string[]) => members.map(each => gateRows(memberText("A", each)));
  expect(isEverySchemeHot(rows("active, epoch 3", "standby, epoch 3, hot"))).toBe(true);
  expect(isEverySchemeHot(rows("active, epoch 3", "standby, epoch 3, not hot"))).toBe(false);
  expect(isEverySchemeHot(rows("active, epoch 3", "active, epoch 4"))).toBe(false);
  expect(isEverySchemeHot([[], []])).toBe(true);
  // One of two schemes is not enough, and a member that does not answer is not hot.
  const [a, b] = rows("active, epoch 3", "standby, epoch 3, hot");
  const other = gateRows(memberText("B", "active, epoch 1"));
  expect(isEverySchemeHot([[...(a ?? []), ...other], b ?? []])).toBe(false);
  expect(isEverySchemeHot([a ?? [], []])).toBe(false);
  const plain = gateRows("Scheme standby A\n  Plain HSRP decides who is active: no key\n");
  expect(isEverySchemeHot([plain, plain])).toBe(true);
});

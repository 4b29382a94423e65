import { expect, test } from "vitest";
import { pairProblems, selectorCounts } from "./aftermath.ts";

const selector = (inbound: number, outbound: number): string => `
   local  ident (addr/mask/prot/port): (10.99.0.0/255.255.0.0/0/0)
   remote ident (addr/mask/prot/port): (172.16.5.0/255.255.255.0/0/0)
     current outbound spi: 0x1(1)

     inbound esp sas:
${"      spi: 0xAF(175)\n".repeat(inbound)}
     inbound ah sas:

     outbound esp sas:
${"      spi: 0xB0(176)\n".repeat(outbound)}
     outbound ah sas:
`;

const problems = (...members: string[]): string[] => pairProblems(members.map(selectorCounts));
const BRANCH = "172.16.5.0/255.255.255.0/0/0";

test("one SA each way on one member is right; a standby shows as many or none", () => {
  expect(problems(selector(1, 1), selector(1, 1))).toEqual([]);
  expect(problems(selector(0, 0), selector(1, 1))).toEqual([]);
});

test("none, half a pair or a second pair is not", () => {
  expect(problems(selector(0, 0), selector(0, 0))).toEqual([`SAs for ${BRANCH}: 0 in and 0 out, 0 in and 0 out`]);
  expect(problems(selector(1, 0), selector(0, 1))).toHaveLength(1);
  expect(problems(selector(1, 1), selector(2, 2))).toEqual([`SAs for ${BRANCH}: 1 in and 1 out, 2 in and 2 out`]);
  expect(problems("", "")).toEqual(["no selector is protected"]);
});

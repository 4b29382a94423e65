import { expect, test } from "vitest";
import { pairProblems } from "./aftermath.ts";

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

test("one SA each way is right, and nothing else is", () => {
  expect(pairProblems(selector(1, 1))).toEqual([]);
  expect(pairProblems(selector(1, 1) + selector(2, 1))).toEqual([
    "2 SAs in and 1 out for 172.16.5.0/255.255.255.0/0/0",
  ]);
  expect(pairProblems(selector(0, 0))).toEqual(["0 SAs in and 0 out for 172.16.5.0/255.255.255.0/0/0"]);
  expect(pairProblems("")).toEqual(["no selector is protected"]);
});

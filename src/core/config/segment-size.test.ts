import { expect, test } from "vitest";
import { loadConfig } from "./config-document.ts";
import { tunnelSegmentSize } from "./segment-size.ts";

const sizeOf = (outside: string, inside: string, other = ""): number | undefined => {
  const { config } = loadConfig(
    [
      ...["crypto map M 10 ipsec-isakmp", " set peer 192.0.2.1"],
      ...["interface f0/0", " ip address 10.0.0.1 255.255.255.0", " crypto map M", outside],
      ...["interface f0/1", " ip address 10.1.0.1 255.255.255.0", inside],
      ...["interface f0/2", " ip address 10.2.0.1 255.255.255.0", " crypto map M", other],
    ].join("\n"),
  );
  return tunnelSegmentSize(config, "FastEthernet0/0");
};

test("the lowest of the crypto map's interface and of those without a crypto map", () => {
  expect(sizeOf("", "")).toBeUndefined();
  expect(sizeOf(" ip tcp adjust-mss 1400", "")).toBe(1400);
  expect(sizeOf("", " ip tcp adjust-mss 1360")).toBe(1360);
  expect(sizeOf(" ip tcp adjust-mss 1300", " ip tcp adjust-mss 1360")).toBe(1300);
  expect(sizeOf(" ip tcp adjust-mss 1400", "", " ip tcp adjust-mss 1200")).toBe(1400);
});

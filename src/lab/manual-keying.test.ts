import { expect, test } from "vitest";
import { manualKeys, TRANSFORMS } from "./manual-keying.ts";

interface File {
  readonly tunnels: readonly {
    readonly map: string;
    readonly outbound: { readonly spi: number; readonly key: string };
    readonly inbound: { readonly spi: number; readonly key: string };
  }[];
}

test("both members have the same keys, the branch has them the other way round, and every lab has its own", () => {
  const tunnel = {
    ends: [
      { hosts: ["R1", "R2"], map: "M", entry: 10 },
      { hosts: ["R4"], map: "C", entry: 10 },
    ],
  } as const;
  const octets = TRANSFORMS["esp-gcm"] ?? { cipher: 0, integrity: 0, iv: 0 };
  const files = manualKeys([tunnel], octets) as Map<string, File>;
  const [ours, same, theirs] = ["R1", "R2", "R4"].map(host => files.get(host)?.tunnels[0]);
  expect(ours).toEqual(same);
  expect(theirs).toMatchObject({ map: "C", outbound: ours?.inbound, inbound: ours?.outbound });
  expect(ours?.outbound.key).toHaveLength(40);
  expect(ours?.outbound.spi).not.toBe(ours?.inbound.spi);
  expect(manualKeys([tunnel], octets)).not.toEqual(files);
});

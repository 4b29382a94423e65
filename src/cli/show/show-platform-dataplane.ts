/** `show platform dataplane`: which one runs and why, what it is made of, what it did, and why packets were dropped. */
import type { DataPlaneView } from "../../core/ipsec/data-plane-view.ts";

export function showPlatformDataplane({ plane, failed }: DataPlaneView): string[] {
  if (plane === undefined)
    return [failed === undefined ? "Data plane: none, no crypto map is applied" : `Data plane: none, ${failed}`];
  const { facts, totals, drops } = plane;
  const rows: (readonly [string, string | number])[] = [
    ["Encrypted", `${totals.sentPackets} packets, ${totals.sentOctets} bytes`],
    ["Decrypted", `${totals.receivedPackets} packets, ${totals.receivedOctets} bytes`],
    ["Sent in clear, not protected", `${totals.bypassedPackets} packets`],
  ];
  const happened = Object.entries(drops).filter(([, count]) => count > 0);
  return [
    `Data plane: ${facts.kind} (${facts.because})`,
    ...table(facts.details),
    "",
    "Traffic:",
    ...table(rows),
    "",
    happened.length === 0 ? "Dropped: nothing" : "Dropped, by reason:",
    ...table(happened),
  ];
}

function table(rows: readonly (readonly [string, string | number])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

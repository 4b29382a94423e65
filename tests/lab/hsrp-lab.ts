/**
 * What the tests of HSRP share: the lab of three gateways, groups of a test's own in it, and what the switch saw.
 *
 *      H ── inside ── A, B, C ── outside ── X
 */
import { expect } from "vitest";
import { damage, type PortDamage } from "../../src/lab/cables.ts";
import { type HsrpSeen, hsrpOf } from "../../src/lab/frames.ts";
import { socketOf } from "../../src/lab/lab-state.ts";
import { rowsOf } from "../../src/lab/levers.ts";
import type { StandbyRow } from "../../src/lab/standby-brief.ts";
import { Tap, type TapFrame } from "../../src/lab/tap.ts";
import { runCommands } from "../../src/lab/vty-client.ts";
import { gatewayPid, inside, understudy, until } from "./harness.ts";

export const OUTSIDE = "interface FastEthernet0/0";
export const INSIDE = "interface FastEthernet0/1";
/** Slow enough that a busy machine holds them, fast enough to wait for. */
export const TIMERS = "timers msec 200 msec 900";
export const GATEWAYS = ["A", "B", "C"] as const;
export type Gateway = (typeof GATEWAYS)[number];

export class HsrpLab {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** What an interrupted run left is taken away first. */
  async up(): Promise<void> {
    await this.down();
    expect(await understudy("lab", "up", "hsrp", "--name", this.name)).toMatchObject({ code: 0, err: "" });
  }

  async down(): Promise<void> {
    await understudy("lab", "down", this.name);
  }

  /** Exec commands; each must be taken. */
  async exec(host: string, ...commands: readonly string[]): Promise<string> {
    const { code, output } = await runCommands(socketOf(this.name, host), commands);
    expect({ host, commands, code, output: code === 0 ? "" : output }).toEqual({ host, commands, code: 0, output: "" });
    return output;
  }

  /** Lines of configuration; each must be taken. */
  async configure(host: string, ...lines: readonly string[]): Promise<string> {
    return this.exec(host, "configure terminal", ...lines, "end");
  }

  /** One group on the outside of several gateways at the same moment; the lines stand behind `standby N`. */
  async group(number: number, members: Partial<Record<Gateway, readonly string[]>>): Promise<void> {
    const hosts = Object.entries(members);
    const prefixed = (lines: readonly string[]): string[] => lines.map(line => `standby ${number} ${line}`);
    for (const [host, lines] of hosts)
      await this.configure(host, OUTSIDE, ...prefixed([TIMERS, ...lines.filter(line => !line.startsWith("ip"))]));
    // The address is what starts a group.
    await Promise.all(
      hosts.map(([host, lines]) =>
        this.configure(host, OUTSIDE, ...prefixed([`ip ${addressOf(number)}`, ...lines.filter(startsIp)])),
      ),
    );
  }

  /** Takes a group away from all three. */
  async without(number: number): Promise<void> {
    const lines = ["ip", "preempt", "priority", "timers", "authentication", "mac-address"];
    const removal = lines.map(line => `no standby ${number} ${line}`);
    await Promise.all(GATEWAYS.map(host => this.configure(host, OUTSIDE, ...removal)));
  }

  /** None while the gateway does not answer. */
  rows(host: string): Promise<StandbyRow[]> {
    return rowsOf(this.name, host);
  }

  /** `reload`, until it answers again. */
  async reload(host: string): Promise<void> {
    const before = await gatewayPid(this.name, host);
    await this.exec(host, "reload");
    await until(async () => ![0, before].includes(await gatewayPid(this.name, host)));
    await until(async () => (await runCommands(socketOf(this.name, host), ["show privilege"])).code === 0);
  }

  async row(host: string, number: number): Promise<StandbyRow | undefined> {
    return (await this.rows(host)).find(each => each.group === number);
  }

  /** Waits until a member shows the group like this: what it knows of others comes with their next hello. */
  async untilRow(host: string, number: number, wanted: Partial<StandbyRow>): Promise<void> {
    const told = Object.entries(wanted);
    await until(async () => {
      const row = await this.row(host, number);
      return row !== undefined && told.every(([key, value]) => row[key as keyof StandbyRow] === value);
    });
  }

  async states(number: number): Promise<Partial<Record<Gateway, string>>> {
    const rows = await Promise.all(GATEWAYS.map(async host => [host, (await this.row(host, number))?.state] as const));
    return Object.fromEntries(rows.filter(([, state]) => state !== undefined));
  }

  /** Waits until the members say exactly this of themselves. */
  async untilStates(number: number, wanted: Partial<Record<Gateway, string>>): Promise<void> {
    const [key] = [JSON.stringify(Object.entries(wanted).sort())];
    await until(async () => JSON.stringify(Object.entries(await this.states(number)).sort()) === key);
  }

  /** Log lines that hold a text, without their time. */
  async logged(host: string, text: string): Promise<string[]> {
    const lines = (await this.exec(host, "show logging")).split(/\r?\n/);
    return lines.filter(line => line.includes(text)).map(line => line.substring(line.indexOf("%")));
  }

  /** Every change of state of a group, in order, as "Init -> Listen". */
  async changes(host: string, number: number): Promise<string[]> {
    const lines = await this.logged(host, "%HSRP-5-STATECHANGE");
    return lines.flatMap(line => new RegExp(`Grp ${number} state (.+)$`).exec(line)?.[1]?.trim() ?? []);
  }

  /** Packets refused by the outside group, by reason. */
  async refused(host: string, number: number): Promise<Record<string, number>> {
    const output = await this.exec(host, "show standby counters");
    const [, part = ""] = output.split(`FastEthernet0/0 - Group ${number}\n`);
    const counts = [...(part.split(/^\S/m)[0] ?? "").matchAll(/^ {4}(\S+) +(\d+) /gm)];
    return Object.fromEntries(counts.map(([, reason = "", count]) => [reason, Number(count)]));
  }

  /** What hosts send on the outside, as the switch sees it. */
  tap(hosts: readonly string[] = GATEWAYS, watch: "all" | readonly string[] = []): Promise<Tap> {
    return Tap.open(this.name, "fabric", { devices: hosts.map(host => `${host}.outside`), watch });
  }

  damage(damages: readonly PortDamage[]): void {
    damage(this.name, damages);
  }

  /** A command in a host. */
  inside(host: string, ...command: string[]): ReturnType<typeof inside> {
    return inside(this.name, host, ...command);
  }
}

/** The virtual address that a group of a test's own has on the outside. */
export function addressOf(number: number): string {
  return `10.0.0.${100 + number}`;
}

export interface Said extends HsrpSeen {
  readonly host: string;
  readonly source: string;
  readonly mac: string;
  readonly atMs: number;
}

/** The HSRP messages of one group among recorded frames, in order. */
export function saidOf(frames: readonly TapFrame[], number: number): Said[] {
  return frames.flatMap(({ atMs, device, hex }) => {
    const seen = hsrpOf(Buffer.from(hex, "hex"));
    if (seen?.group !== number || seen.opcode === "advertise") return [];
    return [{ ...seen, host: device.replace(/\..*/, ""), atMs }];
  });
}

/** Waits until the switch has seen `count` hellos of a host in a state, and answers everything seen up to then. */
export async function untilHellos(
  tap: Tap,
  number: number,
  { host, state, count }: { readonly host: string; readonly state: string; readonly count: number },
): Promise<Said[]> {
  const is = (each: Said): boolean => each.host === host && each.state === state && each.opcode === "hello";
  return until(async () => {
    const said = saidOf(await tap.take(true), number);
    return said.filter(is).length >= count && said;
  });
}

function startsIp(line: string): boolean {
  return line.startsWith("ip");
}

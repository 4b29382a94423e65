/**
 * What the far ends of the tunnels rely on: no IKE message with two contents (V4), no packet taken twice by one member
 * (V3), lifetimes that a takeover does not extend (V11), and in the end one pair for each permit that both ends agree
 * about, with traffic both ways (V10).
 */
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import type { Bed } from "../bed.ts";
import type { Frame } from "../lossy-wire.ts";
import { PairWatch } from "../pair-watch.ts";
import type { Branch } from "./branch.ts";
import { isNatKeepalive } from "./frames.ts";
import { MessageWatch, messageWords } from "./message-watch.ts";
import { type TunnelSetting, trafficOf } from "./tunnel-setting.ts";

const HUB = "the pair";
const ROUNDING_MS = 1_000;

export class TunnelWatch extends PairWatch {
  /** By branch: when a packet of it was last taken by a member. */
  readonly heardAt = new Map<string, number>();
  /** Packets that one member took although the other had. */
  takenAgain = 0;
  readonly #messages = new MessageWatch();
  readonly #taken = new Set<string>();
  readonly #takenByPair = new Set<string>();

  constructor(bed: Bed, setting: TunnelSetting) {
    super(bed, setting);
  }

  /** How many quick modes the pair began. */
  get quickModes(): number {
    return this.#messages.quickModesOf(HUB);
  }

  override ike(sender: string, frame: Frame): void {
    const member = this.bed.members.some(({ name }) => name === sender);
    this.bed.world.trace?.say(sender, `sends IKE: ${messageWords(frame.octets)}`);
    if (member) this.zombies.asActive(sender, "IKE");
    if (isNatKeepalive(frame.octets)) return;
    const wrong = this.#messages.take(member ? HUB : sender, frame.octets);
    if (wrong !== undefined) this.broken(wrong);
  }

  override taken(receiver: string, child: ChildSa, sequence: number): void {
    const packet = `${child.spi} ${sequence}`;
    const own = `${receiver} ${packet}`;
    if (this.#taken.has(own)) this.broken(`${receiver} takes packet ${sequence} of SA ${child.spi} twice`);
    this.#taken.add(own);
    const branch = this.bed.branches.findIndex((_, n) => trafficOf(n) === child.traffic);
    const member = this.bed.members.some(({ name }) => name === receiver);
    if (!member) return;
    if (this.#takenByPair.has(packet)) this.takenAgain += 1;
    this.#takenByPair.add(packet);
    this.heardAt.set(this.bed.branches[branch]?.name ?? "", this.bed.now);
  }

  override died(member: string): void {
    super.died(member);
    // Another life holds what it is told, not what this one took.
    for (const key of [...this.#taken]) if (key.startsWith(`${member} `)) this.#taken.delete(key);
  }

  /** A copy never lives longer than what it is a copy of, but for what it waited on its way. */
  checkLifetimes(): void {
    const [active] = this.owners();
    const own = active?.tunnels?.thread.engine.snapshot(this.bed.now).ikeSas ?? [];
    const copies = this.bed.peerOf(active?.name ?? "")?.tunnels?.thread.engine.snapshot(this.bed.now).ikeSas ?? [];
    for (const { id, remainingSeconds } of copies) {
      const left = own.find(each => each.id === id)?.remainingSeconds;
      if (left === undefined || remainingSeconds === undefined) continue;
      const waitedMs = this.bed.stream?.longestMs ?? 0;
      if (remainingSeconds * 1_000 > left * 1_000 + ROUNDING_MS + waitedMs)
        this.broken(`the standby's copy of IKE SA ${id} lives for ${remainingSeconds} s, the active's for ${left} s`);
    }
  }

  /** Why this branch's tunnel is not as it should be; `undefined` when it is. */
  wrongWith(branch: Branch, quietMs: number): string | undefined {
    const [active] = this.owners();
    const own = current(active?.tunnels?.thread.engine.snapshot(this.bed.now).children ?? [], branch.traffic);
    const far = current(branch.thread?.engine.snapshot(this.bed.now).children ?? [], branch.traffic);
    const [here, there] = [own[0], far[0]];
    if (own.length !== 1 || far.length !== 1 || here === undefined || there === undefined)
      return `${branch.name}: ${own.length} pairs at ${active?.name}, ${far.length} there`;
    if (here.outbound.spi !== there.inbound.spi || here.inbound.spi !== there.outbound.spi)
      return `${branch.name}: the two ends send by different pairs`;
    if (this.bed.now - branch.takenAt > quietMs) return `${branch.name} hears nothing`;
    if (this.bed.now - (this.heardAt.get(branch.name) ?? 0) > quietMs) return `${branch.name} is not heard`;
    return undefined;
  }
}

function current(views: readonly { readonly child: ChildSa; readonly stage: string }[], traffic: string): ChildSa[] {
  return views.filter(each => each.stage === "current" && each.child.traffic === traffic).map(({ child }) => child);
}

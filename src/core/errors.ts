/**
 * Three kinds of failure, three forms.
 *
 * The peer's mistake is a value (`WireError`), counted and dropped. The system's refusal is a `SystemError` that says
 * what we were doing. Our own bug is `invariant`: caught nowhere, the process dies and the other gateway takes over.
 */

/** What is wrong with a packet, in the order in which a decoder meets it. */
export type WireFault = "truncated" | "bad-value" | "trailing-octets";

/** What a peer sent that we refuse. Counted and dropped, never fatal; `path` names the field, `offset` its octet. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly fault: WireFault;
  readonly path: string;
  readonly offset: number;

  constructor(fault: WireFault, path: string, offset: number, detail = "") {
    super(`${path}: ${fault} at octet ${offset}${detail && ` (${detail})`}`);
    this.fault = fault;
    this.path = path;
    this.offset = offset;
  }
}

/** What the system under us refused: kernel, socket, file. `doing` is a phrase that an operator can read. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  readonly doing: string;
  readonly context: Readonly<Record<string, string | number>>;

  constructor(doing: string, context: Readonly<Record<string, string | number>>, cause: unknown) {
    const facts = Object.entries(context)
      .map(([key, value]) => `${key}=${value}`)
      .join(" ");
    const because = cause instanceof Error ? `: ${cause.message}` : "";
    super(`cannot ${doing}${facts && ` (${facts})`}${because}`, { cause });
    this.doing = doing;
    this.context = context;
  }
}

/** What only a bug of ours can break. Caught nowhere: the process dies and the peer takes over. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

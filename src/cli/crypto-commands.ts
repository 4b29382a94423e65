/** Exec commands that act on IKE and IPsec: `clear crypto …`, and the packets of one SA under `debug`. */
import { integer, ipAddress, name } from "../core/command/arguments.ts";
import { type ArgumentType, argument, keyword, opt, seq } from "../core/command/grammar.ts";
import type { IpAddress } from "../core/wire/address.ts";
import { type ExecCommand, type ExecContext, execCommand } from "./exec-command.ts";

const clear = keyword("clear", "Reset functions");
const crypto = keyword("crypto", "Encryption module");

/** As `show crypto ipsec sa` prints them, or in decimal. */
const spi: ArgumentType<number> = {
  label: "<256-4294967295>",
  parse: text => {
    const value = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : Number.NaN;
    return value >= 256 && value <= 0xffff_ffff ? value : undefined;
  },
};

const packets = seq(
  keyword("debug", "Debugging functions"),
  crypto,
  keyword("ipsec", "IPsec"),
  keyword("packet", "Single packets of one security association"),
);

const isakmp = keyword("isakmp", "ISAKMP");
const session = keyword("session", "Everything with a peer");
const sa = keyword("sa", "IPsec security associations");
const peer = seq(keyword("peer", "Those with one peer"), argument("peer", ipAddress, "Peer address"));

export const cryptoCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(clear, crypto, isakmp, opt(argument("connection", integer(1, 4_294_967_295), "conn-id of the SA"))),
    summary: "Deletes the IKE SAs, or one of them; the peer is told, its IPsec SAs stay.",
    level: 15,
    run: clearIsakmp,
  }),
  ...([isakmp, sa, session] as const).map(which =>
    execCommand({
      grammar: seq(clear, crypto, which, keyword("active", "Those of which this gateway is the active")),
      summary: "Deletes what this gateway is the active of; its standby follows.",
      level: 15,
      run: ({ gateway }) =>
        void gateway.clearCrypto(which === isakmp ? { kind: "ike", id: undefined } : { kind: "all" }),
    }),
  ),
  ...([isakmp, sa, session] as const).map(which =>
    execCommand({
      grammar: seq(clear, crypto, which, keyword("standby", "Those that are held for the active")),
      summary: "Deletes what is held for the active, IKE and IPsec SAs alike, and fetches it anew; no peer notices.",
      level: 15,
      run: ({ gateway }) => void gateway.clearStandby(),
    }),
  ),
  execCommand({
    grammar: seq(clear, crypto, sa),
    summary: "Deletes every IPsec SA and the IKE SAs behind them; what is needed comes up again with its next packet.",
    level: 15,
    run: ({ gateway }) => void gateway.clearCrypto({ kind: "all" }),
  }),
  execCommand({
    grammar: seq(clear, crypto, sa, peer),
    summary: "Deletes the SAs with one peer.",
    level: 15,
    run: ({ gateway }, args) => void gateway.clearCrypto({ kind: "peer", remote: args.peer }),
  }),
  execCommand({
    grammar: seq(clear, crypto, sa, keyword("map", "Those of one crypto map"), argument("map", name, "Crypto map tag")),
    summary: "Deletes the SAs of one crypto map.",
    level: 15,
    run: ({ gateway }, { map }) =>
      gateway.config().ipsec.maps.has(map)
        ? void gateway.clearCrypto({ kind: "map", map })
        : [`% There is no crypto map ${map}`],
  }),
  execCommand({
    grammar: seq(clear, crypto, sa, keyword("counters", "Their counters")),
    summary: "Sets the counters that `show crypto ipsec sa` prints to zero; lifetimes go on.",
    level: 15,
    run: ({ gateway }) => void gateway.clearSaCounters(),
  }),
  execCommand({
    grammar: seq(
      clear,
      crypto,
      session,
      opt(seq(keyword("remote", "With one peer"), argument("peer", ipAddress, "Peer address"))),
    ),
    summary: "Deletes the IKE SAs and the IPsec SAs of all peers, or of one.",
    level: 15,
    run: ({ gateway }, args) => void gateway.clearCrypto(sessions(args.peer)),
  }),
  execCommand({
    grammar: seq(packets, keyword("spi", "Which one"), argument("spi", spi, "SPI, as 0x and hexadecimal or decimal")),
    summary: "Logs what becomes of the packets of one security association, a hundred a second at most.",
    level: 15,
    run: ({ gateway }, args) => traced(gateway.tracePackets(args.spi)),
  }),
  execCommand({
    grammar: seq(keyword("no", "Negate a command"), packets),
    summary: "Ends `debug crypto ipsec packet`.",
    level: 15,
    run: ({ gateway }) => traced(gateway.tracePackets(undefined)),
  }),
];

function sessions(remote: IpAddress | undefined) {
  return remote === undefined ? ({ kind: "all" } as const) : ({ kind: "peer", remote } as const);
}

function clearIsakmp({ gateway }: ExecContext, { connection }: { connection?: number }): string[] {
  if (connection === undefined) {
    gateway.clearCrypto({ kind: "ike", id: undefined });
    return [];
  }
  const found = gateway.ike().ikeSas.find(each => each.connection === connection);
  if (found === undefined) return [`% There is no ISAKMP SA with conn-id ${connection}`];
  gateway.clearCrypto({ kind: "ike", id: found.id });
  return [];
}

function traced(answered: boolean): string[] {
  return answered ? [] : ["% There is no data plane: no crypto map is applied, or it could not be opened"];
}

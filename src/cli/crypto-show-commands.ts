/** Exec commands about IPsec's data plane: its SAs, itself, and single packets of one SA. */
import { interfaceName, ipAddress, name } from "../core/command/arguments.ts";
import { type ArgumentType, argument, flag, keyword, oneOf, opt, seq } from "../core/command/grammar.ts";
import { type ExecCommand, execCommand } from "./exec-command.ts";
import { showCryptoIpsecSa } from "./show/show-crypto-ipsec-sa.ts";
import { showPlatformDataplane } from "./show/show-platform-dataplane.ts";

const show = keyword("show", "Show running system information");
const crypto = keyword("crypto", "Encryption module");
const ipsec = keyword("ipsec", "IPsec");

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
  ipsec,
  keyword("packet", "Single packets of one security association"),
);

export const cryptoShowCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(
      show,
      crypto,
      ipsec,
      keyword("sa", "IPsec security associations"),
      opt(
        oneOf(
          seq(keyword("peer", "Those with one peer"), argument("peer", ipAddress, "Peer address")),
          seq(keyword("interface", "Those of one interface"), argument("interface", interfaceName, "Interface name")),
          seq(keyword("map", "Those of one crypto map"), argument("map", name, "Crypto map tag")),
        ),
      ),
      opt(flag("detail", "detail", "Errors by reason, replay windows")),
    ),
    summary: "What crypto maps protect, with the security associations and counters of each flow.",
    run: ({ gateway }, { peer, interface: on, map, detail }) =>
      showCryptoIpsecSa(gateway.dataPlane().flows, gateway.config(), {
        detail: detail ?? false,
        ...(peer !== undefined && { peer }),
        ...(on !== undefined && { interface: on }),
        ...(map !== undefined && { map }),
      }),
  }),
  execCommand({
    grammar: seq(
      show,
      keyword("platform", "Platform information"),
      keyword("dataplane", "What moves protected packets"),
    ),
    summary: "Which data plane runs and why, its threads, batches and drops by reason.",
    run: ({ gateway }) => showPlatformDataplane(gateway.dataPlane()),
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

function traced(answered: boolean): string[] {
  return answered ? [] : ["% There is no data plane: no crypto map is applied, or it could not be opened"];
}

/** Exec commands that show IKE and IPsec: what is configured, what is up, what moves packets. */
import { interfaceName, ipAddress, name } from "../core/command/arguments.ts";
import { argument, flag, keyword, oneOf, opt, seq } from "../core/command/grammar.ts";
import { type ExecCommand, execCommand } from "./exec-command.ts";
import { showCryptoIpsecSa } from "./show/show-crypto-ipsec-sa.ts";
import { showCryptoIsakmpKey, showCryptoIsakmpPolicy, showCryptoIsakmpSa } from "./show/show-crypto-isakmp.ts";
import { showCryptoMap, showCryptoTransformSets } from "./show/show-crypto-map.ts";
import { showCryptoEngineConnections, showCryptoSession } from "./show/show-crypto-session.ts";
import { showPlatformDataplane } from "./show/show-platform-dataplane.ts";

const show = keyword("show", "Show running system information");
const crypto = keyword("crypto", "Encryption module");
const ipsec = keyword("ipsec", "IPsec");
const isakmp = keyword("isakmp", "ISAKMP");

const status = oneOf(
  flag("status", "active", "What this member is the active of", "active"),
  flag("status", "standby", "What is held for the active", "standby"),
);
const peer = argument("peer", ipAddress, "Peer address");

const isakmpCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(
      show,
      crypto,
      isakmp,
      keyword("sa", "ISAKMP security associations"),
      opt(status),
      opt(flag("detail", "detail", "Suites, lifetimes, capabilities")),
    ),
    summary: "The IKE SAs, where they began, where they end and how far they are.",
    run: ({ gateway }, { status, detail }) =>
      showCryptoIsakmpSa(gateway.ike().ikeSas, { detail: detail ?? false, ...(status !== undefined && { status }) }),
  }),
  execCommand({
    grammar: seq(show, crypto, isakmp, keyword("policy", "ISAKMP protection suite policy")),
    summary: "The policies in the order in which they are tried, with what was left unsaid.",
    run: ({ gateway }) => showCryptoIsakmpPolicy(gateway.config().isakmp),
  }),
  execCommand({
    grammar: seq(show, crypto, isakmp, keyword("key", "ISAKMP preshared keys")),
    summary: "Whom there are preshared keys for; never the keys.",
    run: ({ gateway }) => showCryptoIsakmpKey(gateway.config().isakmp),
  }),
];

const ipsecCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(
      show,
      crypto,
      ipsec,
      keyword("sa", "IPsec security associations"),
      opt(
        oneOf(
          status,
          seq(keyword("peer", "Those with one peer"), peer),
          seq(keyword("interface", "Those of one interface"), argument("interface", interfaceName, "Interface name")),
          seq(keyword("map", "Those of one crypto map"), argument("map", name, "Crypto map tag")),
        ),
      ),
      opt(flag("detail", "detail", "Errors by reason, replay windows")),
    ),
    summary: "What crypto maps protect, with the security associations and counters of each flow.",
    run: ({ gateway }, { status, peer, interface: on, map, detail }) =>
      showCryptoIpsecSa(gateway.dataPlane().flows, {
        detail: detail ?? false,
        ...(status !== undefined && { status }),
        ...(peer !== undefined && { peer }),
        ...(on !== undefined && { interface: on }),
        ...(map !== undefined && { map }),
      }),
  }),
  execCommand({
    grammar: seq(
      show,
      crypto,
      ipsec,
      keyword("transform-set", "Crypto transform sets"),
      opt(seq(keyword("tag", "One of them"), argument("tag", name, "Transform set tag"))),
    ),
    summary: "The transform sets and their modes.",
    run: ({ gateway }, { tag }) => showCryptoTransformSets(gateway.config().ipsec.transformSets.values(), tag),
  }),
];

const sessionCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(
      show,
      crypto,
      keyword("map", "Crypto maps"),
      opt(
        oneOf(
          seq(keyword("interface", "Those of one interface"), argument("interface", interfaceName, "Interface name")),
          seq(keyword("tag", "One of them"), argument("tag", name, "Crypto map tag")),
        ),
      ),
    ),
    summary: "The crypto maps, entry by entry, and where they are applied.",
    run: ({ gateway }, { interface: on, tag }) =>
      showCryptoMap(gateway.config(), gateway.dataPlane().flows, {
        ...(on !== undefined && { interface: on }),
        ...(tag !== undefined && { tag }),
      }),
  }),
  execCommand({
    grammar: seq(
      show,
      crypto,
      keyword("session", "Everything between one interface and one peer"),
      opt(
        oneOf(
          status,
          seq(keyword("remote", "Those with one peer"), peer),
          seq(keyword("interface", "Those of one interface"), argument("interface", interfaceName, "Interface name")),
        ),
      ),
      opt(
        oneOf(
          flag("form", "brief", "One line a session", "brief"),
          flag("form", "detail", "Counters, lifetimes, capabilities", "detail"),
        ),
      ),
    ),
    summary: "Each peer with its IKE SAs, what is protected and whether it is up.",
    run: ({ gateway }, { status, peer, interface: on, form }) =>
      showCryptoSession(gateway.dataPlane().flows, gateway.ike(), {
        form: form ?? "plain",
        ...(status !== undefined && { status }),
        ...(peer !== undefined && { peer }),
        ...(on !== undefined && { interface: on }),
      }),
  }),
  execCommand({
    grammar: seq(
      show,
      crypto,
      keyword("engine", "Crypto engine"),
      keyword("connections", "Its connections"),
      keyword("active", "Those that are up"),
    ),
    summary: "Each SA with its algorithms and the packets that it has seen.",
    run: ({ gateway }) => showCryptoEngineConnections(gateway.dataPlane().flows, gateway.ike()),
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
];

export const cryptoShowCommands: readonly ExecCommand[] = [...isakmpCommands, ...ipsecCommands, ...sessionCommands];

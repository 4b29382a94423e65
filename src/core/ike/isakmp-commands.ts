/** `crypto isakmp …`. */
import { integer, ipAddress, ipv4Mask, word } from "../command/arguments.ts";
import { type Command, command, type Mode, modeCommand, type Refusal } from "../command/command.ts";
import { argument, choice, cut, flag, keyword, oneOf, opt, seq } from "../command/grammar.ts";
import { type IsakmpHash, type IsakmpModel, type IsakmpPolicy, POLICY_DEFAULTS } from "./isakmp-model.ts";

const GROUPS = [2, 5, 14, 15, 16, 19, 20, 21, 31] as const;

const crypto = keyword("crypto", "Encryption module");
const isakmp = keyword("isakmp", "Configure ISAKMP policy");

const encryption = command({
  grammar: seq(
    keyword("encryption", "Set encryption algorithm for protection suite"),
    cut,
    oneOf(
      seq(
        keyword("aes", "AES - Advanced Encryption Standard"),
        opt(argument("bits", integer(128, 256), "Key size: 128, 192 or 256")),
      ),
      flag("weak", "3des", "Three key triple DES (refused)", "3des"),
      flag("weak", "des", "DES (refused)", "des"),
    ),
  ),
  doc: {
    summary: "The cipher of the policy.",
    example: "encr aes 256",
    fallback: `AES ${POLICY_DEFAULTS.keyBits}; \`aes\` alone is AES 128, as on IOS.`,
  },
  set: (policy: IsakmpPolicy, { bits, weak }): Refusal => {
    if (weak !== undefined) return `% ${weak} is not offered: it is broken or too slow; use aes`;
    if (bits !== undefined && bits !== 128 && bits !== 192 && bits !== 256)
      return `% AES has keys of 128, 192 or 256 bits, not ${bits}`;
    policy.keyBits = bits ?? 128;
    return undefined;
  },
  no: policy => {
    policy.keyBits = POLICY_DEFAULTS.keyBits;
  },
  write: ({ keyBits }) =>
    keyBits === POLICY_DEFAULTS.keyBits ? [] : [keyBits === 128 ? "encr aes" : `encr aes ${keyBits}`],
});

const hash = command({
  grammar: seq(
    keyword("hash", "Set hash algorithm for protection suite"),
    cut,
    choice("hash", {
      sha: "Secure Hash Standard",
      sha256: "Secure Hash Standard 2 (256 bit)",
      sha384: "Secure Hash Standard 2 (384 bit)",
      sha512: "Secure Hash Standard 2 (512 bit)",
      md5: "Message Digest 5 (refused)",
    }),
  ),
  doc: { summary: "The hash of the policy.", example: "hash sha256", fallback: `${POLICY_DEFAULTS.hash}.` },
  set: (policy: IsakmpPolicy, args): Refusal => {
    if (args.hash === "md5") return "% md5 is not offered: it is broken; use sha256";
    policy.hash = args.hash satisfies IsakmpHash;
    return undefined;
  },
  no: policy => {
    policy.hash = POLICY_DEFAULTS.hash;
  },
  write: policy => (policy.hash === POLICY_DEFAULTS.hash ? [] : [`hash ${policy.hash}`]),
});

const authentication = command({
  grammar: seq(
    keyword("authentication", "Set authentication method for protection suite"),
    cut,
    choice("method", { "pre-share": "Pre-Shared Key", "rsa-sig": "Rivest-Shamir-Adleman Signature" }),
  ),
  doc: {
    summary: "How the peers prove who they are.",
    example: "authentication pre-share",
    fallback: "RSA signatures.",
  },
  set: (policy: IsakmpPolicy, { method }) => {
    policy.authentication = method;
  },
  no: policy => {
    policy.authentication = POLICY_DEFAULTS.authentication;
  },
  write: policy =>
    policy.authentication === POLICY_DEFAULTS.authentication ? [] : [`authentication ${policy.authentication}`],
});

const group = command({
  grammar: seq(
    keyword("group", "Set the Diffie-Hellman group"),
    cut,
    argument("group", integer(1, 31), "Diffie-Hellman group"),
  ),
  doc: {
    summary: `The Diffie-Hellman group: ${GROUPS.join(", ")}.`,
    example: "group 14",
    fallback: `${POLICY_DEFAULTS.group}.`,
  },
  set: (policy: IsakmpPolicy, args): Refusal => {
    if (!GROUPS.some(each => each === args.group))
      return `% Group ${args.group} is not offered; there are ${GROUPS.join(", ")}`;
    policy.group = args.group;
    return undefined;
  },
  no: policy => {
    policy.group = POLICY_DEFAULTS.group;
  },
  write: policy => (policy.group === POLICY_DEFAULTS.group ? [] : [`group ${policy.group}`]),
});

const lifetime = command({
  grammar: seq(
    keyword("lifetime", "Set lifetime for ISAKMP security association"),
    cut,
    argument("seconds", integer(60, 86_400), "Seconds"),
  ),
  doc: {
    summary: "How long an IKE SA may live, seconds.",
    example: "lifetime 28800",
    fallback: `${POLICY_DEFAULTS.lifetimeSeconds}.`,
  },
  set: (policy: IsakmpPolicy, { seconds }) => {
    policy.lifetimeSeconds = seconds;
  },
  no: policy => {
    policy.lifetimeSeconds = POLICY_DEFAULTS.lifetimeSeconds;
  },
  write: ({ lifetimeSeconds }) =>
    lifetimeSeconds === POLICY_DEFAULTS.lifetimeSeconds ? [] : [`lifetime ${lifetimeSeconds}`],
});

const policyMode: Mode<IsakmpPolicy> = {
  prompt: "config-isakmp",
  commands: [encryption, hash, authentication, group, lifetime],
};

const policy = modeCommand({
  grammar: seq(
    crypto,
    isakmp,
    keyword("policy", "Set policy for an ISAKMP protection suite"),
    argument("priority", integer(1, 10_000), "Priority of protection suite"),
  ),
  doc: {
    summary: "Enters the mode for one ISAKMP policy; the smallest number is tried first.",
    example: "crypto isakmp policy 1",
  },
  mode: policyMode,
  set: (model: IsakmpModel, { priority }) => {
    if (!model.policies.has(priority)) model.policies.set(priority, { ...POLICY_DEFAULTS });
  },
  no: (model, { priority }) => {
    if (priority !== undefined) model.policies.delete(priority);
  },
  select: (model, { priority }) => model.policies.get(priority),
  instances: model =>
    [...model.policies]
      .sort(([a], [b]) => a - b)
      .map(([priority, inner]) => ({ line: `crypto isakmp policy ${priority}`, inner })),
});

const key = command({
  grammar: seq(
    crypto,
    isakmp,
    keyword("key", "Set pre-shared key for remote peer"),
    opt(argument("encryption", integer(0, 0), "The key is given in clear")),
    argument("key", word, "The pre-shared key", { secret: true }),
    keyword("address", "Define shared key with IP address"),
    argument("address", ipAddress, "Peer IP address"),
    opt(argument("mask", ipv4Mask, "Peer IP subnet mask")),
    opt(flag("noXauth", "no-xauth", "Bypasses XAuth for this peer")),
  ),
  doc: {
    summary: "The preshared key for a peer, or for a network of peers.",
    example: "crypto isakmp key DontUsePresharedKeys address 172.16.0.18 no-xauth",
  },
  set: (model: IsakmpModel, { key: text, address, mask, noXauth }) => {
    const added = { key: text, address, mask, noXauth: noXauth ?? false };
    const at = model.keys.findIndex(each => each.address === address && each.mask === mask);
    if (at === -1) model.keys.push(added);
    else model.keys[at] = added;
  },
  no: (model, { address, mask }): Refusal => {
    const at = model.keys.findIndex(each => each.address === address && each.mask === mask);
    if (at === -1) return `% No pre-shared key for ${address}`;
    model.keys.splice(at, 1);
    return undefined;
  },
  write: model =>
    model.keys.map(each => {
      const mask = each.mask === undefined ? "" : ` ${each.mask}`;
      const bypass = each.noXauth ? " no-xauth" : "";
      return `crypto isakmp key ${word.print?.(each.key)} address ${each.address}${mask}${bypass}`;
    }),
});

const keepalive = command({
  grammar: seq(
    crypto,
    isakmp,
    keyword("keepalive", "Set a keepalive interval for use with peers"),
    cut,
    argument("seconds", integer(10, 3600), "Number of seconds between keepalives"),
    opt(argument("retry", integer(2, 60), "Number of seconds between retries if keepalive fails")),
    opt(choice("mode", { periodic: "Send periodic DPD messages", "on-demand": "Send DPD messages only as needed" })),
  ),
  doc: {
    summary: "Dead peer detection: how long a silence may be, and how often to ask then.",
    example: "crypto isakmp keepalive 20 periodic",
    fallback: "No detection.",
  },
  set: (model: IsakmpModel, { seconds, retry, mode }) => {
    model.keepalive = { seconds, retrySeconds: retry ?? 2, mode: mode ?? "on-demand" };
  },
  no: model => {
    model.keepalive = undefined;
  },
  write: ({ keepalive: each }) => {
    if (each === undefined) return [];
    const retry = each.retrySeconds === 2 ? "" : ` ${each.retrySeconds}`;
    return [`crypto isakmp keepalive ${each.seconds}${retry}${each.mode === "periodic" ? " periodic" : ""}`];
  },
});

const identity = command({
  grammar: seq(
    crypto,
    isakmp,
    keyword("identity", "Set the identity which ISAKMP will use"),
    cut,
    choice("identity", {
      address: "Use the IP address of the interface",
      hostname: "Use the hostname",
      dn: "Use the distinguished name of the certificate",
    }),
  ),
  doc: {
    summary: "What this gateway calls itself to its peers. `dn` is its address where it has no certificate.",
    example: "crypto isakmp identity address",
    fallback: "Its address.",
  },
  set: (model: IsakmpModel, args) => {
    model.identity = args.identity;
  },
  no: model => {
    model.identity = "address";
  },
  write: model => (model.identity === "address" ? [] : [`crypto isakmp identity ${model.identity}`]),
});

const invalidSpiRecovery = command({
  grammar: seq(crypto, isakmp, keyword("invalid-spi-recovery", "Initiate IKE and send Invalid SPI Notify")),
  doc: {
    summary: "Tells a peer that sends on an SA unknown here, so that both make a new one.",
    example: "crypto isakmp invalid-spi-recovery",
  },
  set: (model: IsakmpModel) => {
    model.invalidSpiRecovery = true;
  },
  no: model => {
    model.invalidSpiRecovery = false;
  },
  write: model => (model.invalidSpiRecovery ? ["crypto isakmp invalid-spi-recovery"] : []),
});

export const isakmpCommands: readonly Command<IsakmpModel>[] = [policy, key, invalidSpiRecovery, keepalive, identity];

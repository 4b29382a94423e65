/** `crypto ipsec …`: transform sets and what holds for every tunnel. */
import { integer, name } from "../command/arguments.ts";
import { type Command, command, type Mode, modeCommand, type Refusal } from "../command/command.ts";
import { argument, choice, cut, flag, keyword, many, oneOf, opt, seq } from "../command/grammar.ts";
import type { EspCipher, EspHash, IpsecModel, TransformSet } from "./ipsec-model.ts";
import { isReplayWindow, REPLAY_WINDOWS } from "./replay-window.ts";

const crypto = keyword("crypto", "Encryption module");
const ipsec = keyword("ipsec", "Configure IPSEC policy");

const bits = opt(argument("bits", integer(128, 256), "Key size: 128, 192 or 256"));
const transform = oneOf(
  seq(flag("cipher", "esp-aes", "ESP transform using AES cipher", "aes-cbc"), bits),
  seq(flag("cipher", "esp-gcm", "ESP transform using GCM cipher", "aes-gcm"), bits),
  flag("cipher", "esp-chacha20-poly1305", "ESP transform using ChaCha20-Poly1305", "chacha20"),
  flag("cipher", "esp-null", "ESP transform w/o cipher", "null"),
  flag("hash", "esp-sha-hmac", "ESP transform using HMAC-SHA auth", "sha"),
  flag("hash", "esp-sha256-hmac", "ESP transform using HMAC-SHA256 auth", "sha256"),
  flag("hash", "esp-sha384-hmac", "ESP transform using HMAC-SHA384 auth", "sha384"),
  flag("hash", "esp-sha512-hmac", "ESP transform using HMAC-SHA512 auth", "sha512"),
  flag("weak", "esp-3des", "ESP transform using 3DES (refused)", "esp-3des"),
  flag("weak", "esp-des", "ESP transform using DES (refused)", "esp-des"),
  flag("weak", "esp-md5-hmac", "ESP transform using HMAC-MD5 auth (refused)", "esp-md5-hmac"),
);

interface TransformArguments {
  readonly cipher?: "aes-cbc" | "aes-gcm" | "chacha20" | "null";
  readonly bits?: number;
  readonly hash?: EspHash;
  readonly weak?: string;
}

const mode = command({
  grammar: seq(
    keyword("mode", "Encapsulation mode (transport/tunnel)"),
    cut,
    choice("mode", {
      tunnel: "Tunnel (datagram encapsulation) mode",
      transport: "Transport (payload encapsulation) mode",
    }),
  ),
  doc: {
    summary: "Whether whole packets are encapsulated, or what they carry.",
    example: "mode tunnel",
    fallback: "Tunnel.",
  },
  set: (set: TransformSet, args) => {
    set.mode = args.mode;
  },
  no: set => {
    set.mode = "tunnel";
  },
  write: set => (set.mode === "tunnel" ? [] : ["mode transport"]),
});

const transformMode: Mode<TransformSet> = { prompt: "cfg-crypto-trans", commands: [mode] };

const transformSet = modeCommand({
  grammar: seq(
    crypto,
    ipsec,
    keyword("transform-set", "Define transform and settings"),
    argument("name", name, "Transform set tag"),
    cut,
    many("transforms", transform, 3),
  ),
  doc: {
    summary: "A combination of cipher and authentication that a crypto map may offer.",
    example: "crypto ipsec transform-set MyTransformSet esp-aes esp-sha-hmac",
  },
  mode: transformMode,
  set: (model: IpsecModel, { name: called, transforms }): Refusal => {
    const made = combine(called, transforms as readonly TransformArguments[]);
    if (typeof made === "string") return made;
    model.transformSets.set(called, { name: called, ...made, mode: model.transformSets.get(called)?.mode ?? "tunnel" });
    return undefined;
  },
  no: (model, { name: called }) => {
    if (called !== undefined) model.transformSets.delete(called);
  },
  select: (model, { name: called }) => model.transformSets.get(called),
  instances: model =>
    [...model.transformSets.values()].map(inner => ({
      line: `crypto ipsec transform-set ${inner.name} ${transformWords(inner)}`,
      inner,
    })),
});

const securityAssociation = seq(crypto, ipsec, keyword("security-association", "Security association parameters"));

const lifetime = command({
  grammar: seq(
    securityAssociation,
    keyword("lifetime", "Security association lifetime"),
    oneOf(
      seq(
        flag("unit", "seconds", "Time-based key duration in seconds", "seconds"),
        cut,
        argument("amount", integer(120, 2_592_000), "Seconds"),
      ),
      seq(
        flag("unit", "kilobytes", "Volume-based key duration", "kilobytes"),
        cut,
        argument("amount", integer(2_560, 4_294_967_295), "Kilobytes"),
      ),
    ),
  ),
  doc: {
    summary: "How long an IPsec SA may live, or how much it may carry.",
    example: "crypto ipsec security-association lifetime seconds 28800",
    fallback: "3600 s and 4608000 kilobytes.",
  },
  set: (model: IpsecModel, { unit, amount }) => {
    if (unit === "seconds") model.lifetimeSeconds = amount;
    else model.lifetimeKilobytes = amount;
  },
  no: (model, { unit }) => {
    if (unit === "seconds") model.lifetimeSeconds = undefined;
    else model.lifetimeKilobytes = undefined;
  },
  write: ({ lifetimeSeconds, lifetimeKilobytes }) => [
    ...(lifetimeKilobytes === undefined
      ? []
      : [`crypto ipsec security-association lifetime kilobytes ${lifetimeKilobytes}`]),
    ...(lifetimeSeconds === undefined ? [] : [`crypto ipsec security-association lifetime seconds ${lifetimeSeconds}`]),
  ],
});

const replay = command({
  grammar: seq(
    securityAssociation,
    keyword("replay", "Set replay checking"),
    cut,
    oneOf(
      seq(
        keyword("window-size", "Set replay window size"),
        argument("packets", integer(32, 4096), "Packets: a power of two"),
      ),
      flag("disabled", "disable", "Disable replay checking"),
    ),
  ),
  doc: {
    summary: "How far packets may arrive out of order.",
    example: "crypto ipsec security-association replay window-size 256",
    fallback: "4096 packets.",
  },
  set: (model: IpsecModel, { packets, disabled }): Refusal => {
    if (packets !== undefined && !isReplayWindow(packets)) return badWindow(packets);
    model.replayWindow = disabled ? "disabled" : packets;
    return undefined;
  },
  no: model => {
    model.replayWindow = undefined;
  },
  write: ({ replayWindow }) =>
    replayWindow === undefined ? [] : [`crypto ipsec security-association replay ${replayWords(replayWindow)}`],
});

const dfBit = command({
  grammar: seq(
    crypto,
    ipsec,
    keyword("df-bit", "Handling of encapsulated DF bit"),
    cut,
    choice("handling", {
      clear: "Clear DF bit for encapsulated tunnel",
      set: "Set DF bit",
      copy: "Copy DF bit from the original packet",
    }),
  ),
  doc: {
    summary: "What becomes of the don't-fragment bit outside.",
    example: "crypto ipsec df-bit clear",
    fallback: "Copied.",
  },
  set: (model: IpsecModel, { handling }) => {
    model.dfBit = handling;
  },
  no: model => {
    model.dfBit = "copy";
  },
  write: ({ dfBit: handling }) => (handling === "copy" ? [] : [`crypto ipsec df-bit ${handling}`]),
});

const fragmentation = command({
  grammar: seq(
    crypto,
    ipsec,
    keyword("fragmentation", "Handling of fragmentation of near-MTU sized packets"),
    cut,
    choice("when", {
      "before-encryption": "Perform fragmentation before encryption",
      "after-encryption": "Perform fragmentation after encryption",
    }),
  ),
  doc: {
    summary: "Where packets are cut that would not fit after encryption.",
    example: "crypto ipsec fragmentation after-encryption",
    fallback: "Before encryption.",
  },
  set: (model: IpsecModel, { when }) => {
    model.fragmentation = when;
  },
  no: model => {
    model.fragmentation = "before-encryption";
  },
  write: model =>
    model.fragmentation === "before-encryption" ? [] : [`crypto ipsec fragmentation ${model.fragmentation}`],
});

const udpEncapsulation = command({
  grammar: seq(
    crypto,
    ipsec,
    keyword("udp-encapsulation", "ESP in UDP port 4500"),
    cut,
    choice("when", {
      auto: "With peers that want it, and between gateways of this kind",
      always: "Always",
      never: "Only behind a NAT",
    }),
  ),
  doc: {
    summary: "Whether ESP travels in UDP; in UDP it is several times faster here.",
    example: "crypto ipsec udp-encapsulation always",
    fallback: "auto.",
  },
  set: (model: IpsecModel, { when }) => {
    model.udpEncapsulation = when;
  },
  no: model => {
    model.udpEncapsulation = "auto";
  },
  write: model =>
    model.udpEncapsulation === "auto" ? [] : [`crypto ipsec udp-encapsulation ${model.udpEncapsulation}`],
});

export const ipsecCommands: readonly Command<IpsecModel>[] = [
  lifetime,
  replay,
  udpEncapsulation,
  transformSet,
  dfBit,
  fragmentation,
];

export function badWindow(packets: number): string {
  return `% Replay window of ${packets} packets; there are ${REPLAY_WINDOWS.join(", ")}`;
}

export function replayWords(window: number | "disabled"): string {
  return window === "disabled" ? "disable" : `window-size ${window}`;
}

function combine(
  called: string,
  transforms: readonly TransformArguments[],
): Pick<TransformSet, "cipher" | "hash"> | string {
  const weak = transforms.find(each => each.weak !== undefined)?.weak;
  if (weak !== undefined) return `% ${weak} is not offered: it is broken or too slow; use esp-aes or esp-gcm`;
  const ciphers = transforms.filter(each => each.cipher !== undefined);
  const [hash, second] = transforms.flatMap(each => (each.hash === undefined ? [] : [each.hash]));
  const [given] = ciphers;
  if (given === undefined || ciphers.length > 1)
    return `% Transform set ${called}: one cipher is needed, ${ciphers.length} given`;
  if (second !== undefined) return `% Transform set ${called}: one authentication at most`;
  const cipher = cipherOf(given);
  if (cipher === undefined) return `% Transform set ${called}: AES has keys of 128, 192 or 256 bits, not ${given.bits}`;
  const aead = cipher.kind === "aes-gcm" || cipher.kind === "chacha20";
  if (aead && hash !== undefined)
    return `% Transform set ${called}: ${given.cipher} authenticates by itself, esp-${hash}-hmac does not belong to it`;
  if (!aead && hash === undefined)
    return `% Transform set ${called}: a cipher without authentication is not offered; add esp-sha256-hmac`;
  return { cipher, hash };
}

function cipherOf({ cipher, bits: size = 128 }: TransformArguments): EspCipher | undefined {
  if (cipher === "chacha20" || cipher === "null") return { kind: cipher };
  if (cipher === undefined || (size !== 128 && size !== 192 && size !== 256)) return undefined;
  return { kind: cipher, bits: size };
}

const CIPHER_WORDS = {
  "aes-cbc": "esp-aes",
  "aes-gcm": "esp-gcm",
  chacha20: "esp-chacha20-poly1305",
  null: "esp-null",
} as const;

/** `esp-aes 256 esp-sha-hmac`, as IOS prints it. */
export function transformWords({ cipher, hash }: Pick<TransformSet, "cipher" | "hash">): string {
  const size = "bits" in cipher && cipher.bits !== 128 ? ` ${cipher.bits}` : "";
  return `${CIPHER_WORDS[cipher.kind]}${size}${hash === undefined ? "" : ` esp-${hash}-hmac`}`;
}

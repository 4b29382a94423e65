/** `redundancy inter-device`: which HSRP groups drive a redundancy state machine, and whom to trust. */
import { name, word } from "../command/arguments.ts";
import { type Command, command, type Mode, modeCommand } from "../command/command.ts";
import type { ArgumentType } from "../command/grammar.ts";
import { argument, cut, keyword, oneOf, seq } from "../command/grammar.ts";
import { emptyRedundancy, type RedundancyModel } from "./redundancy-model.ts";

/** `SHA256:` and 43 characters of base64, as SSH prints it. */
const fingerprintText: ArgumentType<string> = {
  label: "SHA256:…",
  parse: text => (/^SHA256:[A-Za-z0-9+/]{43}$/.test(text) ? text : undefined),
  loose: true,
};

const scheme = command({
  grammar: seq(
    keyword("scheme", "Redundancy scheme"),
    cut,
    keyword("standby", "Standby (HSRP) scheme"),
    argument("name", name, "HSRP group name"),
  ),
  doc: {
    summary: "The HSRP group that drives a redundancy state machine; may stand several times, once for each group.",
    example: "scheme standby BRANCH-5-TUNNEL",
  },
  set: (model: RedundancyModel, args) => {
    if (!model.schemes.includes(args.name)) model.schemes.push(args.name);
  },
  no: (model, args) => {
    const kept = model.schemes.filter(each => args.name !== undefined && each !== args.name);
    model.schemes.splice(0, model.schemes.length, ...kept);
  },
  write: model => model.schemes.map(each => `scheme standby ${each}`),
});

const security = command({
  grammar: seq(
    keyword("security", "Security of the association"),
    cut,
    oneOf(
      seq(keyword("key", "A secret that both members know"), argument("key", word, "The secret", { secret: true })),
      seq(
        keyword("fingerprint", "The fingerprint of the peer's identity key"),
        argument("fingerprint", fingerprintText, "Fingerprint"),
      ),
      seq(keyword("ipsec", "Protect the association by IPsec"), argument("profile", name, "Name of the IPsec profile")),
    ),
  ),
  doc: {
    summary: "Whom to trust on the association before first contact. The association is sealed in any case.",
    example: "security key KnownToBothMembers",
    fallback: "The peer's key is pinned at first contact.",
    no: "Without a word removes all three.",
  },
  set: (model: RedundancyModel, { key, fingerprint, profile }) => {
    if (profile !== undefined) model.ipsecProfile = profile;
    else model.security = { key: key ?? model.security.key, fingerprint: fingerprint ?? model.security.fingerprint };
  },
  no: (model, { key, fingerprint, profile }) => {
    const all = key === undefined && fingerprint === undefined && profile === undefined;
    if (all || profile !== undefined) model.ipsecProfile = undefined;
    model.security = {
      key: all || key !== undefined ? undefined : model.security.key,
      fingerprint: all || fingerprint !== undefined ? undefined : model.security.fingerprint,
    };
  },
  write: ({ security: { key, fingerprint }, ipsecProfile }) => [
    ...(key === undefined ? [] : [`security key ${word.print?.(key)}`]),
    ...(fingerprint === undefined ? [] : [`security fingerprint ${fingerprint}`]),
    ...(ipsecProfile === undefined ? [] : [`security ipsec ${ipsecProfile}`]),
  ],
});

export const interDeviceMode: Mode<RedundancyModel> = {
  prompt: "config-red-interdevice",
  commands: [scheme, security],
};

export const redundancyCommands: readonly Command<RedundancyModel>[] = [
  modeCommand({
    grammar: seq(keyword("redundancy", "Enter redundancy mode"), keyword("inter-device", "Inter-device redundancy")),
    doc: { summary: "Enters the mode for redundancy between two gateways.", example: "redundancy inter-device" },
    mode: interDeviceMode,
    set: (model: RedundancyModel) => {
      model.present = true;
    },
    no: model => {
      Object.assign(model, emptyRedundancy());
    },
    select: model => (model.present ? model : undefined),
    instances: model => (model.present ? [{ line: "redundancy inter-device", inner: model }] : []),
  }),
];

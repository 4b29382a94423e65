/** `ipc zone default`: the SCTP association between the two members. */
import { integer, ipv4Address } from "../command/arguments.ts";
import { type Command, command, type Mode, modeCommand, type Refusal } from "../command/command.ts";
import { argument, cut, keyword, opt, seq } from "../command/grammar.ts";
import {
  type AssociationModel,
  type EndpointModel,
  emptyIpc,
  type IpcModel,
  newAssociation,
  newSctp,
  type SctpModel,
} from "./redundancy-model.ts";

/** RFC 6951 section 5.1. */
const SCTP_UDP_PORT = 9899;
const PORT = integer(1, 65_535);

function addressCommand(word: "local-ip" | "remote-ip", help: string): Command<EndpointModel> {
  return command({
    grammar: seq(
      keyword(word, help),
      cut,
      argument("first", ipv4Address, "IP address"),
      opt(argument("second", ipv4Address, "Second IP address, for a second path")),
    ),
    doc: {
      summary: `${help}, and a second one for a second path; real addresses, never a virtual one.`,
      example: `${word} 10.0.0.1`,
    },
    set: (model: EndpointModel, { first, second }): Refusal => {
      const added = [first, ...(second === undefined ? [] : [second])];
      if (new Set(added).size < added.length) return `% ${word} ${first} ${second}: the two addresses are the same`;
      model.addresses.splice(0, model.addresses.length, ...added);
      return undefined;
    },
    no: model => {
      model.addresses.splice(0, model.addresses.length);
    },
    write: ({ addresses }) => (addresses.length === 0 ? [] : [`${word} ${addresses.join(" ")}`]),
  });
}

const retransmitTimeout = command({
  grammar: seq(
    keyword("retransmit-timeout", "Retransmission timeouts of this end"),
    cut,
    argument("min", integer(10, 60_000), "Minimum in milliseconds"),
    argument("max", integer(10, 60_000), "Maximum in milliseconds"),
  ),
  doc: {
    summary: "How long SCTP waits before it sends again, milliseconds.",
    example: "retransmit-timeout 20 200",
    fallback: "What suits a LAN.",
  },
  set: (model: SctpModel, { min, max }): Refusal => {
    if (min > max) return `% retransmit-timeout: minimum ${min} is above maximum ${max}`;
    model.retransmitTimeout = { min, max };
    return undefined;
  },
  no: model => {
    model.retransmitTimeout = undefined;
  },
  write: ({ retransmitTimeout: each }) => (each === undefined ? [] : [`retransmit-timeout ${each.min} ${each.max}`]),
});

function retransmits(
  word: "path-retransmit" | "assoc-retransmit",
  key: "pathRetransmit" | "assocRetransmit",
  what: string,
): Command<SctpModel> {
  return command({
    grammar: seq(
      keyword(word, `Tries before ${what} is given up`),
      cut,
      argument("tries", integer(1, 20), "Number of tries"),
    ),
    doc: {
      summary: `How many times in vain before ${what} is given up.`,
      example: `${word} 4`,
      fallback: "What suits a LAN.",
    },
    set: (model: SctpModel, { tries }) => {
      model[key] = tries;
    },
    no: model => {
      model[key] = undefined;
    },
    write: model => (model[key] === undefined ? [] : [`${word} ${model[key]}`]),
  });
}

const tuning = [
  retransmitTimeout,
  retransmits("path-retransmit", "pathRetransmit", "a path"),
  retransmits("assoc-retransmit", "assocRetransmit", "the association"),
];

/** IOS has these in the mode of the local port; both places are taken, one is printed. */
interface LocalScope {
  readonly endpoint: EndpointModel;
  readonly sctp: SctpModel;
}

const localMode: Mode<LocalScope> = {
  prompt: "config-ipc-local-sctp",
  commands: [
    ...within([addressCommand("local-ip", "Local IP address")], scope => scope.endpoint),
    ...within(tuning, scope => scope.sctp).map(each => ({ ...each, write: () => [] })),
  ],
};
const remoteMode: Mode<EndpointModel> = {
  prompt: "config-ipc-remote-sctp",
  commands: [addressCommand("remote-ip", "Remote IP address")],
};

function within<Inner>(commands: readonly Command<Inner>[], lens: (scope: LocalScope) => Inner): Command<LocalScope>[] {
  return commands.map(each => ({
    ...each,
    set: (scope: LocalScope, args: never) => each.set(lens(scope), args),
    no: (scope: LocalScope, args: never) => each.no?.(lens(scope), args),
    write: (scope: LocalScope) => each.write(lens(scope)),
  })) as Command<LocalScope>[];
}

const localPort = modeCommand({
  grammar: seq(keyword("local-port", "Local port of the association"), cut, argument("port", PORT, "Port number")),
  doc: { summary: "The port of this end; must be the other member's remote port.", example: "local-port 5005" },
  mode: localMode,
  set: (model: SctpModel, { port }) => {
    model.local = { port, addresses: model.local?.addresses ?? [] };
  },
  no: model => {
    model.local = undefined;
  },
  select: model => (model.local ? { endpoint: model.local, sctp: model } : undefined),
  instances: model =>
    model.local ? [{ line: `local-port ${model.local.port}`, inner: { endpoint: model.local, sctp: model } }] : [],
});

const remotePort = modeCommand({
  grammar: seq(keyword("remote-port", "Remote port of the association"), cut, argument("port", PORT, "Port number")),
  doc: { summary: "The port of the other end; must be the other member's local port.", example: "remote-port 5005" },
  mode: remoteMode,
  set: (model: SctpModel, { port }) => {
    model.remote = { port, addresses: model.remote?.addresses ?? [] };
  },
  no: model => {
    model.remote = undefined;
  },
  select: model => model.remote,
  instances: model => (model.remote ? [{ line: `remote-port ${model.remote.port}`, inner: model.remote }] : []),
});

const encapsulation = command({
  grammar: seq(
    keyword("encapsulation", "Carry SCTP in another protocol"),
    cut,
    keyword("udp", "UDP (RFC 6951)"),
    opt(argument("port", PORT, "UDP port")),
  ),
  doc: {
    summary: "Carries SCTP in UDP, for hosts whose kernel has SCTP of its own.",
    example: "encapsulation udp",
    fallback: "SCTP straight over IP.",
  },
  set: (model: SctpModel, { port }) => {
    model.udpPort = port ?? SCTP_UDP_PORT;
  },
  no: model => {
    model.udpPort = undefined;
  },
  write: ({ udpPort }) =>
    udpPort === undefined ? [] : [`encapsulation udp${udpPort === SCTP_UDP_PORT ? "" : ` ${udpPort}`}`],
});

const sctpMode: Mode<SctpModel> = {
  prompt: "config-ipc-protocol-sctp",
  commands: [encapsulation, ...tuning, localPort, remotePort],
};

const protocol = modeCommand({
  grammar: seq(keyword("protocol", "Transport protocol"), cut, keyword("sctp", "SCTP transport configuration")),
  doc: { summary: "Enters the mode for the association's SCTP.", example: "protocol sctp" },
  mode: sctpMode,
  set: (model: AssociationModel) => {
    model.sctp ??= newSctp();
  },
  no: model => {
    model.sctp = undefined;
  },
  select: model => model.sctp,
  instances: model => (model.sctp ? [{ line: "protocol sctp", inner: model.sctp }] : []),
});

const shutdown = command({
  grammar: seq(keyword("shutdown", "Shut the association down")),
  doc: {
    summary: "Takes the association down.",
    example: "shutdown",
    fallback: "A new association is down until `no shutdown`, as on IOS.",
  },
  set: (model: AssociationModel) => {
    model.shutdown = true;
  },
  no: model => {
    model.shutdown = false;
  },
  write: model => [model.shutdown ? "shutdown" : "no shutdown"],
});

const associationMode: Mode<AssociationModel> = { prompt: "config-ipczone-assoc", commands: [shutdown, protocol] };

const association = modeCommand({
  grammar: seq(
    keyword("association", "Association with another member"),
    argument("number", integer(1, 255), "Association number"),
  ),
  doc: {
    summary: "Enters the mode for one association; the number is the same on both members.",
    example: "association 1",
  },
  mode: associationMode,
  set: (model: IpcModel, { number }) => {
    if (!model.associations.has(number)) model.associations.set(number, newAssociation());
  },
  no: (model, { number }) => {
    if (number !== undefined) model.associations.delete(number);
  },
  select: (model, { number }) => model.associations.get(number),
  instances: model =>
    [...model.associations]
      .sort(([a], [b]) => a - b)
      .map(([number, inner]) => ({ line: `association ${number}`, inner })),
});

export const ipcCommands: readonly Command<IpcModel>[] = [
  modeCommand({
    grammar: seq(
      keyword("ipc", "Interprocess communications"),
      keyword("zone", "IPC zone"),
      keyword("default", "The default zone"),
    ),
    doc: { summary: "Enters the mode for associations between members.", example: "ipc zone default" },
    mode: { prompt: "config-ipczone", commands: [association] },
    set: (model: IpcModel) => {
      model.present = true;
    },
    no: model => {
      Object.assign(model, emptyIpc());
    },
    select: model => (model.present ? model : undefined),
    instances: model => (model.present ? [{ line: "ipc zone default", inner: model }] : []),
  }),
];

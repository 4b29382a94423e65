/** `standby version`, `standby use-bia`, `standby delay`: what all groups of an interface share. */
import { integer } from "../command/arguments.ts";
import { type Command, command } from "../command/command.ts";
import { argument, cut, keyword, opt, seq } from "../command/grammar.ts";
import type { HsrpInterfaceModel } from "./hsrp-model.ts";

export const standby = keyword("standby", "HSRP configuration commands");

const version = command({
  grammar: seq(standby, keyword("version", "HSRP version"), cut, argument("version", integer(1, 2), "Version number")),
  doc: { summary: "The version of the protocol on this interface.", example: "standby version 2", fallback: "1." },
  set: (model: HsrpInterfaceModel, args) => {
    model.version = args.version === 2 ? 2 : 1;
  },
  no: model => {
    model.version = 1;
  },
  write: model => (model.version === 2 ? ["standby version 2"] : []),
});

const useBia = command({
  grammar: seq(standby, keyword("use-bia", "HSRP uses interface's burned in address")),
  doc: {
    summary: "For ports that refuse foreign MAC addresses: the interface's own one is used.",
    example: "standby use-bia",
  },
  set: (model: HsrpInterfaceModel) => {
    model.useBia = true;
  },
  no: model => {
    model.useBia = false;
  },
  write: model => (model.useBia ? ["standby use-bia"] : []),
});

const delay = command({
  grammar: seq(
    standby,
    keyword("delay", "HSRP initialisation delay"),
    cut,
    keyword("minimum", "Minimum delay"),
    argument("minimum", integer(0, 10_000), "Seconds"),
    opt(seq(keyword("reload", "Delay after reload"), argument("reload", integer(0, 10_000), "Seconds"))),
  ),
  doc: {
    summary: "How long the interface must be up before its groups start.",
    example: "standby delay minimum 5 reload 60",
    fallback: "0.",
  },
  set: (model: HsrpInterfaceModel, { minimum, reload }) => {
    model.delaySeconds.minimum = minimum;
    model.delaySeconds.reload = reload ?? 0;
  },
  no: model => {
    model.delaySeconds.minimum = 0;
    model.delaySeconds.reload = 0;
  },
  write: ({ delaySeconds: { minimum, reload } }) =>
    minimum === 0 && reload === 0 ? [] : [`standby delay minimum ${minimum}${reload === 0 ? "" : ` reload ${reload}`}`],
});

/** In the order of `show running-config`. */
export const hsrpPortCommands: readonly Command<HsrpInterfaceModel>[] = [delay, useBia, version];

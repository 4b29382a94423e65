/** `platform dataplane`: what moves protected packets. */
import { type Command, command, type Refusal } from "../command/command.ts";
import { choice, cut, keyword, seq } from "../command/grammar.ts";
import type { IpsecModel } from "./ipsec-model.ts";

const dataplane = command({
  grammar: seq(
    keyword("platform", "Platform specific configuration"),
    keyword("dataplane", "What moves protected packets"),
    cut,
    choice("kind", {
      userspace: "Native threads of this gateway",
      kernel: "The kernel's own IPsec (refused: it is not used yet)",
    }),
  ),
  doc: {
    summary: "Which data plane moves protected packets; `show platform dataplane` says which one does.",
    example: "platform dataplane userspace",
    fallback: "userspace, the only one there is.",
  },
  set: (model: IpsecModel, { kind }): Refusal => {
    if (kind === "kernel") return "% The kernel's IPsec is not used yet; only userspace is there";
    model.dataPlane = kind;
    return undefined;
  },
  no: model => {
    model.dataPlane = undefined;
  },
  write: model => (model.dataPlane === undefined ? [] : [`platform dataplane ${model.dataPlane}`]),
});

export const platformCommands: readonly Command<IpsecModel>[] = [dataplane];

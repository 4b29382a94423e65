/**
 * Lines that stand in nearly every IOS configuration and ask for nothing here: what they switch off does not exist,
 * or what they set holds anyway. They are taken
 * so that a pasted configuration has no errors, and not kept.
 */
import { lineText } from "../command/arguments.ts";
import { type Command, command, type Refusal } from "../command/command.ts";
import { argument, type Grammar, keyword, opt, seq } from "../command/grammar.ts";
import type { Config } from "./config.ts";

/** Taken as it stands; `no` of it too. */
function harmless(grammar: Grammar<object>, summary: string, example: string): Command<Config> {
  return command({ grammar, doc: { summary, example }, set: () => {}, no: () => {}, write: () => [] });
}

/** Only the `no` form is true here. */
function onlyOff(grammar: Grammar<object>, what: string, example: string): Command<Config> {
  return command({
    grammar,
    doc: { summary: `Refused: there is no ${what} here; the form with \`no\` is accepted.`, example },
    set: (): Refusal => `% There is no ${what} here`,
    no: () => {},
    write: () => [],
  });
}

const anything = opt(argument("rest", lineText, "Anything"));
const ip = keyword("ip", "Global IP configuration subcommands");

export const foreignCommands: readonly Command<Config>[] = [
  harmless(
    seq(keyword("version", "IOS version of a saved configuration"), anything),
    "The IOS version that wrote a configuration.",
    "version 12.4",
  ),
  harmless(
    seq(
      keyword("service", "Modify use of network based services"),
      keyword("timestamps", "Timestamp debug and log messages"),
      anything,
    ),
    "Messages always carry the date and milliseconds.",
    "service timestamps log datetime msec",
  ),
  harmless(
    seq(ip, keyword("cef", "Cisco Express Forwarding")),
    "There is one way of forwarding here, the kernel's.",
    "ip cef",
  ),
  harmless(
    seq(ip, keyword("classless", "Follow classless routing forwarding rules")),
    "Routing is always classless.",
    "ip classless",
  ),
  harmless(
    seq(ip, keyword("subnet-zero", "Allow subnet zero subnets")),
    "Subnet zero is always allowed.",
    "ip subnet-zero",
  ),
  onlyOff(seq(ip, keyword("http", "HTTP server configuration"), anything), "HTTP server", "ip http server"),
  onlyOff(
    seq(ip, keyword("domain-lookup", "Enable IP Domain Name System hostname translation")),
    "name lookup",
    "ip domain-lookup",
  ),
  onlyOff(
    seq(
      ip,
      keyword("domain", "IP DNS Resolver"),
      keyword("lookup", "Enable IP Domain Name System hostname translation"),
    ),
    "name lookup",
    "ip domain lookup",
  ),
  onlyOff(seq(keyword("cdp", "Global CDP configuration subcommands"), keyword("run", "Enable CDP")), "CDP", "cdp run"),
];

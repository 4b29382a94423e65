/** Exec commands that show the gateway, its configuration and its host. */
import { interfaceName, name } from "../core/command/arguments.ts";
import { argument, keyword, opt, seq } from "../core/command/grammar.ts";
import { renderConfig, renderInterface } from "../core/config/config-document.ts";
import { type ExecCommand, execCommand } from "./exec-command.ts";
import type { GatewayPort } from "./gateway-port.ts";
import { showAccessLists } from "./show/show-access-lists.ts";
import { showInterfaces, showIpInterface, showIpInterfaceBrief } from "./show/show-interfaces.ts";
import { showIpRoute } from "./show/show-ip-route.ts";
import { showLogging } from "./show/show-logging.ts";
import { runningConfig, startupConfig } from "./show/show-running-config.ts";
import { showClock, showVersion } from "./show/show-version.ts";

const show = keyword("show", "Show running system information");
const ip = keyword("ip", "IP information");
const accessList = opt(argument("list", name, "Access-list name or number"));
const oneInterface = opt(argument("interface", interfaceName, "Interface name"));

export const showCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(show, keyword("version", "System hardware and software status")),
    summary: "What runs here, since when, and why it was started.",
    run: ({ gateway }) => showVersion(gateway),
  }),
  execCommand({
    grammar: seq(show, keyword("clock", "Display the system clock")),
    summary: "The time of this host.",
    run: ({ gateway }) => showClock(gateway),
  }),
  execCommand({
    grammar: seq(show, keyword("logging", "Show the contents of logging buffers")),
    summary: "Where messages go, and the buffer.",
    run: ({ gateway }) => showLogging(gateway),
  }),
  execCommand({
    grammar: seq(keyword("clear", "Reset functions"), keyword("logging", "Clear logging buffer")),
    summary: "Empties the logging buffer.",
    level: 15,
    run: ({ gateway }) => gateway.log.clear(),
  }),
  execCommand({
    grammar: seq(
      show,
      keyword("running-config", "Current operating configuration"),
      opt(
        seq(
          keyword("interface", "Show interface configuration"),
          argument("interface", interfaceName, "Interface name"),
        ),
      ),
    ),
    summary: "The configuration that holds now, in the language it is written in; or one interface of it.",
    level: 15,
    run: ({ gateway }, { interface: name }) =>
      runningConfig(
        name === undefined ? renderConfig(gateway.config()) : renderInterface(gateway.config(), name),
        gateway.lastChange(),
      ),
  }),
  execCommand({
    grammar: seq(show, keyword("startup-config", "Contents of startup configuration")),
    summary: "The saved configuration.",
    level: 15,
    run: ({ gateway }) => startupConfig(gateway.startupText()),
  }),
  execCommand({
    grammar: seq(keyword("write", "Write running configuration"), keyword("terminal", "Write to terminal")),
    summary: "The same as `show running-config`.",
    level: 15,
    run: ({ gateway }) => runningConfig(renderConfig(gateway.config()), gateway.lastChange()),
  }),
  execCommand({
    grammar: seq(show, keyword("interfaces", "Interface status and configuration"), oneInterface),
    summary: "State, addresses and counters of the interfaces.",
    run: ({ gateway }, { interface: name }) => chosen(gateway, name, showInterfaces),
  }),
  execCommand({
    grammar: seq(show, ip, keyword("interface", "IP interface status and configuration"), oneInterface),
    summary: "IP state of the interfaces.",
    run: ({ gateway }, { interface: name }) => chosen(gateway, name, showIpInterface),
  }),
  execCommand({
    grammar: seq(
      show,
      ip,
      keyword("interface", "IP interface status and configuration"),
      keyword("brief", "Brief summary of IP status and configuration"),
    ),
    summary: "One line an interface.",
    run: ({ gateway }) => showIpInterfaceBrief(gateway.interfaces()),
  }),
  execCommand({
    grammar: seq(show, ip, keyword("route", "IP routing table")),
    summary: "The IPv4 routes of this host.",
    run: ({ gateway }) => showIpRoute(gateway.routes()),
  }),
  ...[seq(show, ip), show].map(begin =>
    execCommand({
      grammar: seq(begin, keyword("access-lists", "List access lists"), accessList),
      summary: "The access lists with the sequence numbers of their entries, or one of them.",
      run: ({ gateway }, { list }) => showAccessLists(gateway.config().accessLists, list),
    }),
  ),
];

function chosen(
  gateway: GatewayPort,
  name: string | undefined,
  render: (interfaces: ReturnType<GatewayPort["interfaces"]>) => string[],
): string[] {
  const interfaces = gateway.interfaces();
  if (name === undefined) return render(interfaces);
  const found = interfaces.filter(each => each.name === name);
  return found.length === 0 ? [`% Invalid interface ${name}`] : render(found);
}

/** Every mode's commands, put together from the rooms. Their order is that of `show running-config`, which is IOS's. */
import { interfaceName } from "../command/arguments.ts";
import { type Command, type Mode, modeCommand, mount } from "../command/command.ts";
import { argument, keyword, seq } from "../command/grammar.ts";
import { compareInterfaces } from "../command/interface-name.ts";
import { hsrpInterfaceCommands } from "../hsrp/hsrp-commands.ts";
import { keyChainCommands } from "../hsrp/key-chain-commands.ts";
import { isakmpCommands } from "../ike/isakmp-commands.ts";
import { aclCommands } from "../ipsec/acl-commands.ts";
import { appliedMapCommands, cryptoMapCommands } from "../ipsec/crypto-map-commands.ts";
import { ipsecCommands } from "../ipsec/ipsec-commands.ts";
import { platformCommands } from "../ipsec/platform-commands.ts";
import { interfaceCommandsFirst, interfaceCommandsLast } from "../net/interface-commands.ts";
import { hostCommands, routeCommands, trackCommands } from "../net/net-commands.ts";
import { ipcCommands } from "../redundancy/ipc-commands.ts";
import { redundancyCommands } from "../redundancy/redundancy-commands.ts";
import { addInterface, type Config, type InterfaceScope, interfaceScope, removeInterface } from "./config.ts";
import { foreignCommands } from "./foreign-commands.ts";

export const interfaceMode: Mode<InterfaceScope> = {
  prompt: "config-if",
  commands: [
    ...mount(interfaceCommandsFirst, (scope: InterfaceScope) => scope.net),
    ...mount(hsrpInterfaceCommands, (scope: InterfaceScope) => scope.hsrp),
    ...mount(interfaceCommandsLast, (scope: InterfaceScope) => scope.net),
    ...mount(appliedMapCommands, (scope: InterfaceScope) => scope.maps),
  ],
};

export const interfaceCommand: Command<Config> = modeCommand({
  grammar: seq(
    keyword("interface", "Select an interface to configure"),
    argument("name", interfaceName, "Interface name"),
  ),
  doc: {
    summary: "Enters the mode for one interface. An IOS name needs `linux-device`; a Linux name is that device.",
    example: "interface FastEthernet0/0",
    no: "Forgets everything about the interface; what was changed on the device is put back.",
  },
  mode: interfaceMode,
  set: (config: Config, { name }) => addInterface(config, name),
  no: (config, { name }) => {
    if (name !== undefined) removeInterface(config, name);
  },
  select: (config, { name }) => interfaceScope(config, name),
  instances: config =>
    [...config.net.interfaces.keys()].sort(compareInterfaces).flatMap(name => {
      const inner = interfaceScope(config, name);
      return inner ? [{ line: `interface ${name}`, inner }] : [];
    }),
});

export const configMode: Mode<Config> = {
  prompt: "config",
  commands: [
    ...mount(hostCommands, (config: Config) => config.net),
    ...foreignCommands,
    ...mount(platformCommands, (config: Config) => config.ipsec),
    ...mount(redundancyCommands, (config: Config) => config.redundancy),
    ...mount(ipcCommands, (config: Config) => config.ipc),
    ...mount(keyChainCommands, (config: Config) => config.keyChains),
    ...mount(trackCommands, (config: Config) => config.net),
    ...mount(isakmpCommands, (config: Config) => config.isakmp),
    ...mount(ipsecCommands, (config: Config) => config.ipsec),
    ...mount(cryptoMapCommands, (config: Config) => config.ipsec),
    interfaceCommand,
    ...mount(routeCommands, (config: Config) => config.net),
    ...mount(aclCommands, (config: Config) => config.accessLists),
  ],
};

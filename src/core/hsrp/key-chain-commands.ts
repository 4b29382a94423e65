/** `key chain NAME` / `key N` / `key-string S`. */
import { integer, name, word } from "../command/arguments.ts";
import { type Command, command, type Mode, modeCommand } from "../command/command.ts";
import { argument, cut, keyword, opt, seq } from "../command/grammar.ts";
import type { KeyChainModel, KeyModel } from "./key-chain-model.ts";

const keyString = command({
  grammar: seq(
    keyword("key-string", "Set key string"),
    cut,
    opt(argument("encryption", integer(0, 0), "The key is given in clear")),
    argument("key", word, "Key string", { secret: true }),
  ),
  doc: { summary: "The secret of this key.", example: "key-string SharedByBoth" },
  set: (model: KeyModel, { key }) => {
    model.keyString = key;
  },
  no: model => {
    model.keyString = undefined;
  },
  write: ({ keyString: key }) => (key === undefined ? [] : [`key-string ${word.print?.(key)}`]),
});

const keyMode: Mode<KeyModel> = { prompt: "config-keychain-key", commands: [keyString] };

const key = modeCommand({
  grammar: seq(keyword("key", "Configure a key"), argument("number", integer(0, 255), "Key identifier")),
  doc: { summary: "Enters the mode for one key of the chain.", example: "key 1" },
  mode: keyMode,
  set: (chain: Map<number, KeyModel>, { number }) => {
    if (!chain.has(number)) chain.set(number, { keyString: undefined });
  },
  no: (chain, { number }) => {
    if (number !== undefined) chain.delete(number);
  },
  select: (chain, { number }) => chain.get(number),
  instances: chain => [...chain].sort(([a], [b]) => a - b).map(([number, inner]) => ({ line: `key ${number}`, inner })),
});

export const keyChainCommands: readonly Command<KeyChainModel>[] = [
  modeCommand({
    grammar: seq(
      keyword("key", "Key management"),
      keyword("chain", "Key-chain management"),
      argument("name", name, "Key-chain name"),
    ),
    doc: { summary: "Enters the mode for one chain of keys.", example: "key chain HSRP-KEYS" },
    mode: { prompt: "config-keychain", commands: [key] },
    set: (chains: KeyChainModel, args) => {
      if (!chains.has(args.name)) chains.set(args.name, new Map());
    },
    no: (chains, args) => {
      if (args.name !== undefined) chains.delete(args.name);
    },
    select: (chains, args) => chains.get(args.name),
    instances: chains => [...chains].map(([each, inner]) => ({ line: `key chain ${each}`, inner })),
  }),
];

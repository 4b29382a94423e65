/** `key chain NAME`: keys by number, for authentication that changes without an interruption. */

export type KeyChainModel = Map<string, Map<number, KeyModel>>;

export interface KeyModel {
  keyString: string | undefined;
}

export function emptyKeyChains(): KeyChainModel {
  return new Map();
}

/** What the kernel refused over netlink, in words: the errno's name, and the sentence that came with it. */
import { SystemError } from "../../core/errors.ts";
import { loadAddon } from "../addon.ts";
import type { Acknowledgement } from "./message.ts";

/** Shaped like the addon's errors, so that `errorCode` reads both. */
class KernelRefusal extends Error {
  readonly syscall = "netlink";
  readonly code: string;
  readonly errno: number;

  constructor({ errno, text }: Acknowledgement) {
    const code = errno > 0 ? loadAddon().errorName(errno) : `${errno}`;
    super(text ? `${code}: ${text}` : code);
    this.code = code;
    this.errno = errno;
  }
}

export function refusal(
  doing: string,
  context: Readonly<Record<string, string | number>>,
  acknowledgement: Acknowledgement,
): SystemError {
  return new SystemError(doing, context, new KernelRefusal(acknowledgement));
}

/** Gives the refusals of the system their words: what we were doing, with what, and why it failed. */
import { SystemError } from "../core/errors.ts";

type Context = Readonly<Record<string, string | number>>;

/**
 * Runs `call`; an error of the system comes out as a `SystemError`, our own mistakes (TypeError, RangeError) as they
 * are.
 */
export function attempt<T>(doing: string, context: Context, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (errorCode(error) === undefined || error instanceof SystemError) throw error;
    throw new SystemError(doing, context, error);
  }
}

/** `EADDRINUSE` and the like, of a system error or of the `SystemError` around it; `undefined` for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof SystemError) return errorCode(error.cause);
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

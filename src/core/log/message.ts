/**
 * What a log message is: one event, of which the IOS line, syslog and JSON are renderings.
 *
 * A message is declared once, in the catalogue; the declaration fixes its facility, severity, mnemonic and typed
 * fields. Core makes events and returns
 * them as effects; when they happened is the shell's to say.
 */

/** Syslog severities, RFC 5424 section 6.2.1: 0 emergency to 7 debugging. */
export type Severity = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export const severityNames = [
  "emergencies",
  "alerts",
  "critical",
  "errors",
  "warnings",
  "notifications",
  "informational",
  "debugging",
] as const;

export type FieldValue = string | number | boolean;

export interface LogEvent {
  readonly facility: string;
  readonly severity: Severity;
  readonly mnemonic: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

export interface Message<F> {
  (fields: F): LogEvent;
  readonly facility: string;
  readonly severity: Severity;
  readonly mnemonic: string;
}

/** Declares one message; `text` gets the fields with control characters already made visible. */
export function message<F extends Readonly<Record<string, FieldValue>> = Record<never, never>>(
  facility: string,
  severity: Severity,
  mnemonic: string,
  text: (fields: F) => string,
): Message<F> {
  const make = (fields: F): LogEvent => {
    const shown = Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === "string" ? printable(value) : value]),
    ) as F;
    return { facility, severity, mnemonic, text: text(shown), fields: shown };
  };
  return Object.assign(make, { facility, severity, mnemonic });
}

/** `%HSRP-5-STATECHANGE: FastEthernet0/0 Grp 1 state Active -> Init`. */
export function iosLine(event: LogEvent): string {
  return `%${event.facility}-${event.severity}-${event.mnemonic}: ${event.text}`;
}

/** Control characters as `\xNN`, so that a name out of a packet can neither start a new line nor drive a terminal. */
export function printable(text: string): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    out += code < 0x20 || (code >= 0x7f && code < 0xa0) ? `\\x${code.toString(16).padStart(2, "0")}` : char;
  }
  return out;
}

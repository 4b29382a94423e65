/**
 * The frame around a configuration: automation removes exactly these lines, and believes a configuration whole when
 * it ends with `end`.
 */
import type { ConfigChange } from "../gateway-port.ts";
import { dateLine } from "./times.ts";

export function runningConfig(body: readonly string[], lastChange: ConfigChange | undefined): string[] {
  const lines = [...(lastChange ? ["!", changeLine(lastChange)] : []), ...body];
  const octets = lines.reduce((sum, line) => sum + line.length + 1, 0);
  return ["Building configuration...", "", `Current configuration : ${octets} bytes`, ...lines];
}

export function startupConfig(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return [`Using ${Buffer.byteLength(text)} bytes`, ...lines];
}

function changeLine({ at, by }: ConfigChange): string {
  return `! Last configuration change at ${dateLine(new Date(at))} by ${by}`;
}

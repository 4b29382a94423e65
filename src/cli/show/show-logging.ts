/** `show logging`: where messages go, then the buffer, one message a line. */
import { iosLine } from "../../core/log/message.ts";
import type { GatewayPort, LogRecord } from "../gateway-port.ts";
import { logStamp } from "./times.ts";

export function showLogging(gateway: GatewayPort): string[] {
  const { records, total, capacity } = gateway.log;
  return [
    "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited,",
    "                0 flushes, 0 overruns, xml disabled, filtering disabled)",
    "",
    `    Console logging: level debugging, ${total} messages logged, xml disabled,`,
    "                     filtering disabled",
    `    Buffer logging:  level debugging, ${total} messages logged, xml disabled,`,
    "                     filtering disabled",
    "",
    `Log Buffer (${capacity} messages):`,
    "",
    ...records.map(logLine),
  ];
}

/** `*Nov 23 12:00:00.123: %SYS-5-CONFIG_I: Configured from vty 0 by root`. */
export function logLine(record: LogRecord): string {
  return `${logStamp(new Date(record.at))}: ${iosLine(record.event)}`;
}

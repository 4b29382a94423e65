/** Times and durations in IOS's forms. */

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

const two = (value: number): string => String(value).padStart(2, "0");

/** `12:00:00.123`, local time. */
export function timeOfDay(at: Date): string {
  const millis = String(at.getMilliseconds()).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${millis}`;
}

/** `12:00:00.123 UTC Mon Nov 23 2026`. */
export function dateLine(at: Date): string {
  const day = `${DAYS[at.getDay()]} ${MONTHS[at.getMonth()]} ${at.getDate()} ${at.getFullYear()}`;
  return `${timeOfDay(at)} ${zone(at)} ${day}`;
}

/** In front of a log line, as `service timestamps log datetime msec` prints it: `*Nov 23 12:00:00.123`. */
export function logStamp(at: Date): string {
  return `*${MONTHS[at.getMonth()]} ${String(at.getDate()).padStart(2, " ")} ${timeOfDay(at)}`;
}

/** `1 week, 2 days, 3 hours, 0 minutes`: what is none is left out, but for minutes, which parsers count on. */
export function duration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const days = Math.floor(minutes / 1_440);
  const parts: [number, string][] = [
    [Math.floor(days / 365), "year"],
    [Math.floor((days % 365) / 7), "week"],
    [(days % 365) % 7, "day"],
    [Math.floor(minutes / 60) % 24, "hour"],
    [minutes % 60, "minute"],
  ];
  const shown = parts.filter(([count, unit]) => count > 0 || unit === "minute");
  return shown.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(", ");
}

/** How long ago: `00:00:11`, then `1d02h`, `3w4d`, `1y12w`. */
export function sinceText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const [days, weeks, years] = [86_400, 604_800, 31_536_000].map(unit => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (days === 0) return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor).map(two).join(":");
  if (weeks === 0) return `${days}d${two(Math.floor(seconds / 3600) % 24)}h`;
  if (years === 0) return `${weeks}w${days % 7}d`;
  return `${years}y${Math.floor((seconds - years * 31_536_000) / 604_800)}w`;
}

function zone(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const sign = minutes < 0 ? "-" : "+";
  return `UTC${sign}${Math.floor(Math.abs(minutes) / 60)}`;
}

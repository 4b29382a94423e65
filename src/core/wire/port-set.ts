/**
 * Sets of ports, as access lists (`eq`, `neq`, `gt`, `lt`, `range`) and traffic selectors have them: ranges in order
 * that do not touch. A set is never empty; what would be is `undefined`.
 */
import { invariant } from "../errors.ts";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export type PortSet = readonly PortRange[];

export type PortCondition =
  | { readonly operator: "eq" | "neq" | "gt" | "lt"; readonly port: number }
  | { readonly operator: "range"; readonly port: number; readonly last: number };

const PORT_MAX = 65_535;

export const ANY_PORT: PortSet = [{ first: 0, last: PORT_MAX }];

/** `undefined` when no port is meant, as by `lt 0`. */
export function portsWhere(condition: PortCondition): PortSet | undefined {
  const { port } = condition;
  switch (condition.operator) {
    case "eq":
      return portRanges([{ first: port, last: port }]);
    case "neq":
      return portRanges([
        { first: 0, last: port - 1 },
        { first: port + 1, last: PORT_MAX },
      ]);
    case "gt":
      return portRanges([{ first: port + 1, last: PORT_MAX }]);
    case "lt":
      return portRanges([{ first: 0, last: port - 1 }]);
    case "range":
      return portRanges([{ first: port, last: condition.last }]);
  }
  return condition satisfies never;
}

/** Ranges in any order, overlapping or touching; one that ends before it begins is empty. */
export function portRanges(ranges: readonly PortRange[]): PortSet | undefined {
  const joined: { first: number; last: number }[] = [];
  for (const { first, last } of ranges.filter(each => each.first <= each.last).sort((a, b) => a.first - b.first)) {
    invariant(first >= 0 && last <= PORT_MAX, `${first}-${last} are no ports`);
    const before = joined.at(-1);
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last);
    else joined.push({ first, last });
  }
  return joined.length > 0 ? joined : undefined;
}

export function isAnyPort(ports: PortSet): boolean {
  return containsPorts(ports, ANY_PORT);
}

export function hasPort(ports: PortSet, port: number): boolean {
  return ports.some(({ first, last }) => first <= port && port <= last);
}

export function containsPorts(outer: PortSet, inner: PortSet): boolean {
  return inner.every(({ first, last }) => outer.some(range => range.first <= first && last <= range.last));
}

export function samePorts(a: PortSet, b: PortSet): boolean {
  return containsPorts(a, b) && containsPorts(b, a);
}

/** `undefined` when they share no port. */
export function intersectPorts(a: PortSet, b: PortSet): PortSet | undefined {
  return portRanges(
    a.flatMap(left =>
      b.map(right => ({ first: Math.max(left.first, right.first), last: Math.min(left.last, right.last) })),
    ),
  );
}

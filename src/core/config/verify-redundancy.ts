/** Whether the association can be what it is for: between two real addresses, and as safe as it looks. */
import type { AssociationModel } from "../redundancy/redundancy-model.ts";
import type { Config } from "./config.ts";
import { error, type Problem, warning } from "./problem.ts";

export function verifyRedundancy(config: Config): Problem[] {
  const virtual = new Set(
    [...config.hsrp.values()].flatMap(({ groups }) =>
      [...groups.values()].flatMap(({ address, secondaries }) => [address, ...secondaries]),
    ),
  );
  return [
    ...[...config.ipc.associations].flatMap(([number, association]) => endsOf(number, association, virtual)),
    ...securityOf(config),
  ];
}

function endsOf(number: number, { sctp }: AssociationModel, virtual: ReadonlySet<unknown>): Problem[] {
  const local = sctp?.local?.addresses ?? [];
  const remote = sctp?.remote?.addresses ?? [];
  const wandering = [...local, ...remote].find(each => virtual.has(each));
  const both = local.find(each => remote.includes(each));
  return [
    ...(wandering === undefined
      ? []
      : [error(`association ${number}: ${wandering} is a virtual address, which is now here and now there`)]),
    ...(both === undefined ? [] : [error(`association ${number}: ${both} cannot be at both ends`)]),
  ];
}

function securityOf({ redundancy: { ipsecProfile } }: Config): Problem[] {
  if (ipsecProfile === undefined) return [];
  return [warning(`security ipsec ${ipsecProfile} does nothing yet: the association is sealed by TLS 1.3 without it`)];
}

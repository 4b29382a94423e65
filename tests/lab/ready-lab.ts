/** A lab for tests of faults: up, with its tunnels keyed by IKE and every standby hot. */
import { labDown, labUp } from "../../src/lab/lab.ts";
import { untilHot, untilSettled, untilTunnelled } from "../../src/lab/settling.ts";
import type { Topology } from "../../src/lab/topology.ts";

/** `between`: once it is up and before anything has been negotiated, for who wants to see that. */
export async function readyLab(lab: string, topology: Topology, between?: () => Promise<void>): Promise<void> {
  await labDown(lab);
  await labUp(topology, lab, { keying: "ike" });
  await between?.();
  await untilSettled(lab, topology);
  await untilTunnelled(lab, topology);
  await untilHot(lab, topology);
}

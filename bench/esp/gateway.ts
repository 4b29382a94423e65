/**
 * A gateway of a benchmark: the fast path, opened through the addon, with keys of its own and nothing else of a
 * gateway. Its argument is `GatewayOrders` as JSON; it says `ready`, and ends when its standard input does.
 */
import { monotonicMs } from "../../src/linux/clock.ts";
import { type FastPath, loadFastPathAddon } from "../../src/linux/fastpath-addon.ts";
import { encodePolicies, encodeSas } from "../../src/linux/fastpath-records.ts";
import { RoleWords } from "../../src/linux/role-words.ts";
import { type GatewayOrders, GROUP, placeOf, policiesOf, saOf, UDP_PORT } from "./keyed-sas.ts";
import { TUN } from "./understudy.ts";

const DAY_MS = 86_400_000;
const SLICE = 1000;

const orders = JSON.parse(process.argv[2] ?? "") as GatewayOrders;
const path = openPath(orders);
install(path, orders);
const { crypto, cryptoVersion, threads, offloads, udpSegmentation } = path.facts();
console.log(`facts ${JSON.stringify({ crypto, cryptoVersion, threads, offloads, udpSegmentation })}`);
console.log("ready");
process.stdin.on("end", () => {
  console.log(`counted ${JSON.stringify(counted(path))}`);
  path.close();
});
process.stdin.resume();

function openPath(orders: GatewayOrders): FastPath {
  const { FastPath: Path } = loadFastPathAddon();
  const roles = RoleWords.allocate(1);
  roles.write(GROUP, { role: "active", epoch: 1, leaseUntilMs: monotonicMs() + DAY_MS });
  const places = 2 * orders.sas;
  return new Path({
    roles: roles.octets,
    edges: new BigUint64Array(new SharedArrayBuffer(8 * places)),
    dirty: new Uint32Array(new SharedArrayBuffer(4 * Math.ceil(places / 32))),
    member: orders.side === "a" ? 0 : 1,
    crypto: orders.crypto,
    doors: { tun: TUN, port: UDP_PORT, mark: 0, rawEsp: !orders.udp, threads: 0 },
  });
}

function install(path: FastPath, orders: GatewayOrders): void {
  for (let first = 0; first < orders.sas; first += SLICE) {
    const numbers = Array.from({ length: Math.min(SLICE, orders.sas - first) }, (_, at) => first + at);
    path.installSas(encodeSas(numbers.flatMap(number => [saOf(orders, number, "ab"), saOf(orders, number, "ba")])));
  }
  const numbers = Array.from({ length: orders.sas }, (_, number) => number);
  path.steer(Uint32Array.from(numbers.flatMap(number => [number, placeOf(orders, number)])));
  path.changePolicies(new Uint32Array(0), encodePolicies(numbers.flatMap(number => policiesOf(orders, number))));
}

/** Drops by reason and gauges by name, those that are not zero. */
function counted(path: FastPath): Record<string, number> {
  const { dropReasons, gauges } = loadFastPathAddon();
  const drops = new BigUint64Array(dropReasons.length);
  const measured = new BigUint64Array(gauges.length);
  path.readDrops(drops);
  path.readGauges(measured);
  const names = [...dropReasons.map(name => `dropped: ${name}`), ...gauges];
  const values = [...drops, ...measured];
  return Object.fromEntries(names.flatMap((name, at) => (values[at] === 0n ? [] : [[name, Number(values[at])]])));
}

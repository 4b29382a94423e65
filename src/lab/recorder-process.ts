/** Looks at every frame that comes in by the devices of a host between the gateways; `recorder.ts` starts it there. */
import { waitUntil } from "../linux/clock.ts";
import { linkIndexOf } from "../linux/links.ts";
import { EtherType, PacketSocket } from "../linux/packet-socket.ts";
import { EspTally } from "./esp-tally.ts";
import { answer, makeRoom, REQUESTS, RequestLines } from "./program-lines.ts";
import type { RecorderSettings } from "./recorder.ts";

/** Seconds of traffic: a frame that is not looked at would be one that was not recorded. */
const RECEIVE_OCTETS = 67_108_864;

const settings = JSON.parse(process.argv[2] ?? "{}") as RecorderSettings;
const tally = new EspTally(settings);
const sockets = settings.devices.map(device => {
  const linkIndex = linkIndexOf(device);
  if (linkIndex === undefined) throw new Error(`no device ${device} here`);
  const socket = new PacketSocket({ linkIndex, etherType: EtherType.ipv4, kind: "frames" });
  makeRoom(socket.fd, RECEIVE_OCTETS);
  return socket;
});
const requests = new RequestLines();
const descriptors = Int32Array.from([REQUESTS, ...sockets.map(({ fd }) => fd)]);
answer({});
for (;;) {
  const readable = waitUntil(descriptors, undefined);
  for (const socket of sockets) {
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) tally.see(frame.octets);
  }
  if (!readable.includes(REQUESTS)) continue;
  for (const _request of requests.take()) answer(tally.result());
}

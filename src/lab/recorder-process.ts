/** Looks at every frame that comes in by the devices of a host between the gateways; `recorder.ts` starts it there. */
import { monotonicMs, waitUntil } from "../linux/clock.ts";
import { linkIndexOf } from "../linux/links.ts";
import { EtherType, PacketSocket } from "../linux/packet-socket.ts";
import { EspTally } from "./esp-tally.ts";
import { answer, makeRoom, REQUESTS, RequestLines } from "./program-lines.ts";
import type { RecorderKilled, RecorderRequest, RecorderSettings } from "./recorder.ts";
import { RekeySteps } from "./rekey-steps.ts";

/** Seconds of traffic: a frame that is not looked at would be one that was not recorded. */
const RECEIVE_OCTETS = 67_108_864;

const settings = JSON.parse(process.argv[2] ?? "{}") as RecorderSettings;
let aim: { readonly step: number; readonly pid: number; readonly steps: RekeySteps } | undefined;
let killed: RecorderKilled = {};
const tally = new EspTally(settings, message => {
  if (aim === undefined || aim.steps.see(message) !== aim.step) return;
  process.kill(aim.pid, "SIGKILL");
  killed = { killedAtMs: monotonicMs() };
  aim = undefined;
});
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
  for (const request of requests.take()) answer(answerTo(request as RecorderRequest));
}

function answerTo(request: RecorderRequest): object {
  if (request.what === "seen") return tally.result();
  if (request.what === "killed") return killed;
  aim = { step: request.step, pid: request.pid, steps: new RekeySteps() };
  killed = {};
  return killed;
}

/** The other member, in a thread of its own: takes what comes, and says when it is hot. */
import { parentPort } from "node:worker_threads";
import { Member } from "./member.ts";

const port = parentPort;
if (port === null) throw new TypeError("this is a thread of bulk-sync-bench");
const member = new Member("B", octets => port.postMessage(octets, [octets.buffer as ArrayBuffer]));
member.do({ kind: "role", role: "standby", epoch: 1 });
port.on("message", (said: Uint8Array | { readonly session: number }) => {
  if (said instanceof Uint8Array) member.hear(said);
  else member.link(said.session);
  if (member.hot) {
    member.hot = false;
    port.postMessage("hot");
  }
});
port.postMessage("ready");

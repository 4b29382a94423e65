/** Readiness on the event loop. */
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { loadAddon } from "../../src/linux/addon.ts";
import { Doorbell } from "../../src/linux/eventfd.ts";
import { setLink } from "../../src/linux/netlink/link.ts";
import { EtherType, PacketSocket } from "../../src/linux/packet-socket.ts";
import { errorCode } from "../../src/linux/system-call.ts";
import { describeInNamespace, eventually, waitForWire, withVethPair } from "./namespace.ts";
import { octets } from "./values.ts";

const turn = (ms = 20): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

test("it calls back for each ring, and no more once closed", async () => {
  const bell = new Doorbell();
  let rings = 0;
  bell.onReadable(() => {
    if (bell.drain()) rings += 1;
  });
  bell.ring();
  await eventually(() => rings === 1 || undefined);
  bell.ring();
  await eventually(() => rings === 2 || undefined);
  bell.ring();
  bell.close();
  bell.close();
  await turn();
  expect(rings).toBe(2);
});

test("a new listener replaces the old one", async () => {
  const bell = new Doorbell();
  const heard: string[] = [];
  bell.onReadable(() => heard.push("old"));
  bell.onReadable(() => {
    heard.push("new");
    bell.drain();
  });
  bell.ring();
  await turn();
  bell.close();
  expect(heard).toEqual(["new"]);
});

test("it may be closed from within its own callback", async () => {
  const addon = loadAddon();
  const fd = addon.eventfdOpen();
  let calls = 0;
  const watch = new addon.Watch(fd, () => {
    calls += 1;
    watch.close();
    addon.close(fd);
  });
  addon.eventfdSignal(fd);
  await turn();
  expect(calls).toBe(1);
});

test("two watches of one descriptor are refused", () => {
  const addon = loadAddon();
  const fd = addon.eventfdOpen();
  const watch = new addon.Watch(fd, () => undefined);
  expect(() => new addon.Watch(fd, () => undefined)).toThrow(expect.objectContaining({ code: "EEXIST" }));
  watch.close();
  addon.close(fd);
});

test.each([
  ["ends with an open watch that is unref'ed", "watch.unref()", []],
  ["is ended from outside with an open watch", "parentPort.postMessage('up')", ["up"]],
  [
    "dies of an error in a callback",
    "addon.eventfdSignal(fd); callback = () => { throw new Error('in the callback') }",
    ["in the callback"],
  ],
])("a worker %s", async (_name, then, expected) => {
  const worker = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
     const addon = require(workerData);
     const fd = addon.eventfdOpen();
     let callback = () => {};
     const watch = new addon.Watch(fd, () => callback());
     ${then}`,
    {
      eval: true,
      workerData: `${process.env.UNDERSTUDY_NATIVE_BUILD ?? "build"}/sys.node`.replace(/^(?!\/)/, `${process.cwd()}/`),
    },
  );
  const heard: string[] = [];
  await new Promise<void>(resolve => {
    worker.on("message", message => {
      heard.push(message);
      void worker.terminate();
    });
    worker.on("error", error => heard.push((error as Error).message));
    worker.on("exit", () => resolve());
  });
  expect(heard).toEqual(expected);
});

describeInNamespace("watching a packet socket", () => {
  const pair = withVethPair();

  test("survives that its interface goes down and comes back", async () => {
    const hearing = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.arp, kind: "payloads" });
    const events: string[] = [];
    hearing.onReadable(() => {
      try {
        for (let each = hearing.receive(); each; each = hearing.receive()) events.push(`octet ${each.octets[0]}`);
      } catch (error) {
        events.push(errorCode(error) ?? "?");
      }
    });
    pair.rtnetlink.request(setLink({ index: pair.right.index, up: false }));
    await eventually(() => events.length > 0 || undefined);
    expect(events).toEqual(["ENETDOWN"]);
    pair.rtnetlink.request(setLink({ index: pair.right.index, up: true }));
    waitForWire(pair.rtnetlink);
    const sending = new PacketSocket({ linkIndex: pair.left.index, etherType: EtherType.arp, kind: "payloads" });
    sending.send(octets(77), "ffff.ffff.ffff" as never);
    await eventually(() => events.length > 1 || undefined);
    expect(events).toEqual(["ENETDOWN", "octet 77"]);
    sending.close();
    hearing.close();
  });
});

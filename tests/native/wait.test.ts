/** The blocking wait: what wakes it, in which order, and that nothing wakes it early. */
import { spawn } from "node:child_process";
import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { loadAddon } from "../../src/linux/addon.ts";
import { monotonicMs, TimerDescriptor, waitUntil } from "../../src/linux/clock.ts";
import { Doorbell } from "../../src/linux/eventfd.ts";

const open: { close(): void }[] = [];
const keep = <T extends { close(): void }>(each: T): T => {
  open.push(each);
  return each;
};
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** Not an assertion: a thread that blocks for ever cannot be ended by the runner. */
const soon = (): number => monotonicMs() + 10_000;

test("with nothing to read it ends at the deadline and not before", () => {
  const bell = keep(new Doorbell());
  for (const ms of [0, 0.25, 1, 3.7, 20]) {
    const deadline = monotonicMs() + ms;
    expect(waitUntil(Int32Array.of(bell.fd), deadline)).toEqual([]);
    expect(monotonicMs()).toBeGreaterThanOrEqual(deadline);
  }
});

test("it can wait for the time alone", () => {
  const deadline = monotonicMs() + 5;
  expect(waitUntil(new Int32Array(0), deadline)).toEqual([]);
  expect(monotonicMs()).toBeGreaterThanOrEqual(deadline);
});

test("what is ready is reported even when the deadline has passed", () => {
  const bell = keep(new Doorbell());
  bell.ring();
  expect(waitUntil(Int32Array.of(bell.fd), 0)).toEqual([bell.fd]);
  expect(bell.drain()).toBe(true);
  expect(bell.drain()).toBe(false);
  expect(waitUntil(Int32Array.of(bell.fd), 0)).toEqual([]);
});

test("several rings are one, several descriptors come in the order asked", () => {
  const [first, second, third] = [keep(new Doorbell()), keep(new Doorbell()), keep(new Doorbell())];
  third.ring();
  first.ring();
  first.ring();
  expect(waitUntil(Int32Array.of(first.fd, second.fd, third.fd), undefined)).toEqual([first.fd, third.fd]);
  expect(first.drain()).toBe(true);
  expect(first.drain()).toBe(false);
});

test("timers fire in the order of their deadlines, whatever order they were set in", () => {
  const [late, early] = [keep(new TimerDescriptor()), keep(new TimerDescriptor())];
  const now = monotonicMs();
  late.set(now + 30);
  early.set(now + 10);
  const fds = Int32Array.of(late.fd, early.fd);
  expect(waitUntil(fds, soon())).toEqual([early.fd]);
  expect(monotonicMs()).toBeGreaterThanOrEqual(now + 10);
  expect(early.drain()).toBe(1);
  expect(waitUntil(fds, soon())).toEqual([late.fd]);
  expect(monotonicMs()).toBeGreaterThanOrEqual(now + 30);
});

test("a timer repeats, counts what was missed, and stops", () => {
  const timer = keep(new TimerDescriptor());
  timer.set(monotonicMs(), 1);
  waitUntil(new Int32Array(0), monotonicMs() + 10);
  expect(timer.drain()).toBeGreaterThanOrEqual(10);
  timer.set(undefined);
  timer.drain();
  expect(waitUntil(Int32Array.of(timer.fd), monotonicMs() + 5)).toEqual([]);
  timer.set(0);
  expect(waitUntil(Int32Array.of(timer.fd), soon())).toEqual([timer.fd]);
});

test("another thread's ring ends a wait that has no deadline", async () => {
  const bell = keep(new Doorbell());
  const waiting = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
     const addon = require(workerData.addon);
     parentPort.postMessage("waiting");
     parentPort.postMessage(addon.wait(Int32Array.of(workerData.fd), null));`,
    { eval: true, workerData: { addon: addonFile(), fd: bell.fd } },
  );
  const messages: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    waiting.on("error", reject);
    waiting.on("exit", () => resolve());
    waiting.on("message", message => {
      messages.push(message);
      if (message === "waiting") setTimeout(() => bell.ring(), 20);
    });
  });
  expect(messages).toEqual(["waiting", [bell.fd]]);
});

test("a descriptor that is not open is an error, not an event", () => {
  const bell = new Doorbell();
  bell.close();
  expect(() => waitUntil(Int32Array.of(bell.fd), 0)).toThrow(/cannot wait \(descriptors=1\): EBADF/);
});

test("a signal does not end it", async () => {
  const caught = new Promise(resolve => process.once("SIGUSR2", resolve));
  spawn("sh", ["-c", `sleep 0.05; kill -USR2 ${process.pid}`]);
  const deadline = monotonicMs() + 400;
  expect(waitUntil(new Int32Array(0), deadline)).toEqual([]);
  expect(monotonicMs()).toBeGreaterThanOrEqual(deadline);
  await caught;
});

test("octets go into shared memory", () => {
  const addon = loadAddon();
  const fd = addon.eventfdOpen();
  addon.eventfdSignal(fd);
  const shared = new Uint8Array(new SharedArrayBuffer(16), 4, 8);
  expect(addon.read(fd, shared)).toBe(8);
  expect([...shared]).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  expect(addon.read(fd, shared)).toBe(-1);
  addon.close(fd);
});

function addonFile(): string {
  loadAddon();
  const folder = process.env.UNDERSTUDY_NATIVE_BUILD ?? `${process.cwd()}/build`;
  return `${folder}/sys.node`;
}

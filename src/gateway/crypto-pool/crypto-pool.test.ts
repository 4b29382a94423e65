import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { ComputeJob, ComputeResult } from "../../core/ike/compute-job.ts";
import { dhGroup } from "../../core/ike/dh-groups.ts";
import { compiledWorker } from "./compiled-worker.test-support.ts";
import { type Computed, CryptoPool, type CryptoPoolOptions } from "./crypto-pool.ts";

const worker = compiledWorker();
afterAll(worker.remove);

const open: CryptoPool[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(pool => pool.close()));
});

function pool(options: CryptoPoolOptions = {}): CryptoPool {
  const made = new CryptoPool({ program: worker.program, threads: 2, ...options });
  open.push(made);
  return made;
}

const compute = (pool: CryptoPool, job: ComputeJob): Promise<Computed> =>
  new Promise(resolve => pool.compute(job, resolve));

async function done<K extends ComputeResult["kind"]>(pool: CryptoPool, job: ComputeJob, kind: K) {
  const result = await compute(pool, job);
  if (result.kind !== kind) throw new Error(`${result.kind}: ${"because" in result ? result.because : ""}`);
  return result as Extract<ComputeResult, { kind: K }>;
}

const generate: ComputeJob = { kind: "dh-generate", group: 19 };
/** What no worker survives: its secret is none. */
const deadly = { kind: "dh-agree", group: 19, secret: {}, peerPublic: new Uint8Array(64) } as unknown as ComputeJob;

describe("on real threads", () => {
  test.each([14, 19])("group %s: initiator and responder find the same secret", async group => {
    const both = pool();
    const ours = await done(both, { kind: "dh-generate", group }, "generated");
    const theirs = await done(both, { kind: "dh-exchange", group, peerPublic: ours.publicValue }, "exchanged");
    const agree: ComputeJob = { kind: "dh-agree", group, secret: ours.secret, peerPublic: theirs.publicValue };
    const { shared } = await done(both, agree, "agreed");
    expect(shared.length).toBe(dhGroup(group)?.sharedLength);
    expect(shared.reveal()).toEqual(theirs.shared.reveal());
    // Still the asker's, and still whole.
    expect(ours.secret.reveal().some(octet => octet !== 0)).toBe(true);
  });

  test("what a peer sent that is no public value is a failure with a reason, and the pool goes on", async () => {
    const one = pool({ threads: 1 });
    const peerPublic = new Uint8Array(64);
    expect(await compute(one, { kind: "dh-exchange", group: 19, peerPublic })).toEqual({
      kind: "failed",
      because: "a public value that is none of group 19",
    });
    expect((await compute(one, generate)).kind).toBe("generated");
  });

  test("a secret may be wiped as soon as it was handed over, even while the job waits", async () => {
    const one = pool({ threads: 1 });
    const ours = await done(one, generate, "generated");
    const theirs = await done(one, { kind: "dh-exchange", group: 19, peerPublic: ours.publicValue }, "exchanged");
    const before = Array.from({ length: 4 }, () => compute(one, generate));
    const agree: ComputeJob = { kind: "dh-agree", group: 19, secret: ours.secret, peerPublic: theirs.publicValue };
    const agreed = compute(one, agree);
    expect(one.waiting).toBeGreaterThan(0);
    ours.secret.wipe();
    const result = await agreed;
    await Promise.all(before);
    expect(result.kind === "agreed" && result.shared.reveal()).toEqual(theirs.shared.reveal());
  });
});

describe("more than it can do", () => {
  test("every job gets one answer, and never before `compute` returns", async () => {
    const both = pool({ queueJobs: 3 });
    const answers: Computed[] = [];
    const all = Array.from(
      { length: 20 },
      () => new Promise<void>(resolve => both.compute(generate, result => resolve(void answers.push(result)))),
    );
    expect(answers).toEqual([]);
    await Promise.all(all);
    const refused = answers.filter(({ kind }) => kind === "failed");
    // Two threads with two jobs in hand each, and three that wait.
    expect(refused).toHaveLength(20 - 7);
    expect(refused[0]).toEqual({ kind: "failed", because: "3 jobs wait already" });
    expect(answers.filter(({ kind }) => kind === "generated")).toHaveLength(7);
  });

  test("jobs of one worker are answered in the order in which they came", async () => {
    const one = pool({ threads: 1 });
    const order: number[] = [];
    const ask = async (name: number) => {
      await compute(one, generate);
      order.push(name);
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(ask));
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("I55: a worker that dies", () => {
  test("fails what it had in hand; what waited is done by its successor", async () => {
    const deaths: string[] = [];
    const one = pool({ threads: 1, died: error => deaths.push(error.message) });
    const results = await Promise.all([deadly, generate, generate, generate].map(job => compute(one, job)));
    expect(results.map(({ kind }) => kind)).toEqual(["failed", "failed", "generated", "generated"]);
    expect(deaths).toHaveLength(1);
    expect(results[0]).toEqual({ kind: "failed", because: deaths[0] });
  });

  test("a program that is not there fails every job, and nothing hangs", async () => {
    const program = new URL("./not-there.js", worker.program);
    const deaths: string[] = [];
    const lost = pool({ program, threads: 1, died: error => deaths.push(error.message) });
    const results = await Promise.all([generate, generate, generate].map(job => compute(lost, job)));
    expect(results.map(({ kind }) => kind)).toEqual(["failed", "failed", "failed"]);
    expect(deaths).toHaveLength(2);
  });
});

test("closing fails what was in hand and what waited, and refuses what comes later", async () => {
  const one = pool({ threads: 1 });
  const pending = [generate, generate, generate].map(job => compute(one, job));
  await one.close();
  const closed = { kind: "failed", because: "the crypto pool is closed" };
  expect(await Promise.all(pending)).toEqual([closed, closed, closed]);
  expect(await compute(one, generate)).toEqual(closed);
});

test("there is always a thread, and one core is left to the rest", () => {
  expect(new CryptoPool().threads).toBeGreaterThanOrEqual(1);
});

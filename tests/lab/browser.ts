/**
 * Debian's Chromium without a window, over its debugging protocol: messages of JSON, each ended by a NUL, on two pipes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

const CHROMIUM = "/usr/bin/chromium";
export const HAS_BROWSER = existsSync(CHROMIUM);
if (!HAS_BROWSER) console.log("SKIPPED: a page is looked at with Chromium, which scripts/install page installs");

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: Record<string, unknown>) => void;
  readonly reject: (error: Error) => void;
}

export class Browser {
  /** Every address that the page has asked for. */
  readonly requested: string[] = [];
  /** What the page has complained of. */
  readonly complaints: string[] = [];
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, Waiting>();
  #listeners: { readonly method: string; readonly heard: () => void }[] = [];
  #session: string | undefined;
  #next = 1;
  #rest = "";

  private constructor(profile: string) {
    this.#profile = profile;
    const options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"];
    const own = [`--user-data-dir=${profile}`, "--remote-debugging-pipe", "--no-first-run", "about:blank"];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"] as const;
    this.#child = spawn(CHROMIUM, [...options, ...own], { stdio: [...stdio], detached: true });
    const answers = this.#child.stdio[4] as Readable;
    answers.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.#child.once("exit", code => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`Chromium ended (${code})`));
    });
  }

  static async open(): Promise<Browser> {
    const browser = new Browser(mkdtempSync(join(tmpdir(), "us-browser-")));
    const { targetId } = await browser.call("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.call("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = String(sessionId);
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await browser.call(`${domain}.enable`);
    return browser;
  }

  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    const answer = new Promise<Record<string, unknown>>((resolve, reject) =>
      this.#waiting.set(id, { resolve, reject }),
    );
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return answer;
  }

  /** A screen of this size, in this scheme of colours. */
  async show(width: number, height: number, scheme: "light" | "dark", media = "screen"): Promise<void> {
    await this.call("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await this.call("Emulation.setEmulatedMedia", {
      media,
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    // Two frames later, what listens to either has drawn.
    await this.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))");
  }

  async visit(url: string): Promise<void> {
    const loaded = new Promise<void>(heard => this.#listeners.push({ method: "Page.loadEventFired", heard }));
    await this.call("Page.navigate", { url });
    await loaded;
  }

  /** The value of an expression in the page, awaited. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.call("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`in the page: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  }

  /** The whole page, as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.call("Page.captureScreenshot", { captureBeyondViewport: true });
    return Buffer.from(String(data), "base64");
  }

  /** As it would be printed, as PDF. */
  async paper(): Promise<Buffer> {
    const { data } = await this.call("Page.printToPDF", { printBackground: true, preferCSSPageSize: true });
    return Buffer.from(String(data), "base64");
  }

  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const ended = new Promise(resolve => this.#child.once("exit", resolve));
      // Its helpers write to the profile as long as they live: they are of its group.
      process.kill(-pid, "SIGKILL");
      await ended;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #read(text: string): void {
    const messages = (this.#rest + text).split("\0");
    this.#rest = messages.pop() ?? "";
    for (const each of messages) this.#take(JSON.parse(each) as Message);
  }

  #take({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result ?? {});
      else waiting?.reject(new Error(error.message));
      return;
    }
    if (method === "Network.requestWillBeSent") {
      this.requested.push(String((params?.request as { url?: string } | undefined)?.url));
    }
    const entry = params?.entry as { level?: string } | undefined;
    if (method === "Runtime.exceptionThrown" || entry?.level === "error") this.complaints.push(JSON.stringify(params));
    const heard = this.#listeners.filter(each => each.method === method);
    this.#listeners = this.#listeners.filter(each => each.method !== method);
    for (const each of heard) each.heard();
  }
}

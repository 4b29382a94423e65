/**
 * Any text at all, and lines that were nearly right. `FUZZ_RUNS=100000` widens it; the seed that failed is printed by
 * fast-check.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { completionIn, executeLine, helpIn, type LineOutcome, modeAt, type Place } from "./config-line.ts";
import { splitFilter } from "./filters.ts";
import { helpLines } from "./help.ts";
import { renderMode } from "./render.ts";
import { type SampleModel, sampleMode, sampleModel } from "./sample-modes.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 10_000);

const LINES = [
  "hostname R1",
  "crypto isakmp key very-secret-psk address 192.0.2.135 255.255.255.0 no-xauth",
  'ip route 10.0.0.0 255.0.0.0 10.0.0.254 20 name "VPN02 Loopback1"',
  "ip access-list extended BRANCH-5-ACL",
  " permit tcp 10.0.0.0 0.0.255.255 eq 443 host 1.2.3.4 range 1 65535 log",
  "interface FastEthernet 0/0",
  " ip address 10.0.0.1 255.255.255.0",
  " standby 4 timers msec 500 msec 1500",
  " no standby 4 priority 110",
  " description to the provider",
  " default shutdown",
  "ipc zone default",
  " association 1",
  "  protocol sctp",
  "   local-port 5005",
  "    local-ip 10.0.0.1",
  "   remote-port 5005",
  "tags a b c",
];

/** Places to stand in: the top, and where each line that enters a mode leads. */
const PLACES: readonly { place: Place; config: SampleModel; printed: string }[] = (() => {
  const standing = (place: Place, config: SampleModel) => ({ place, config, printed: printed(config) });
  const places = [standing([], sampleModel())];
  let current = { place: [] as Place, config: sampleModel() };
  for (const line of LINES) {
    const outcome = executeLine(sampleMode, current.config, current.place, line, 0);
    if (outcome.kind !== "edited") throw new Error(`${line}: ${outcome.kind}`);
    current = { place: outcome.place, config: outcome.candidate };
    places.push(standing(current.place, current.config));
  }
  return places;
})();

const standing = fc.constantFrom(...PLACES);
const words = [...new Set(LINES.flatMap(line => line.trim().split(" ")))];
const special = [
  "__proto__",
  "constructor",
  "no",
  "default",
  "exit",
  "?",
  "|",
  '"',
  "!",
  "\u0000",
  "\u001b[2J",
  "É",
  "",
];
const anyWord = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...special), fc.string({ unit: "binary" }));
const nearly = fc
  .record({ line: fc.constantFrom(...LINES), at: fc.nat(80), cut: fc.nat(4), put: anyWord })
  .map(({ line, at, cut, put }) => line.substring(0, at) + put + line.substring(at + cut));
const shuffled = fc.array(anyWord, { maxLength: 12 }).map(all => all.join(" "));
const anyLine = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), nearly, shuffled);

function printed(config: SampleModel): string {
  return renderMode(sampleMode, config).join("\n");
}

function lastOf(outcome: LineOutcome<SampleModel>): string {
  return outcome.kind === "refused" ? (outcome.lines.find(line => line.startsWith("%")) ?? "") : "";
}

test("every line is taken or refused with a sentence, and a taken one prints", () => {
  fc.assert(
    fc.property(standing, anyLine, ({ place, config, printed: before }, line) => {
      const outcome = executeLine(sampleMode, config, place, line, 11);
      expect(printed(config)).toBe(before);
      if (outcome.kind === "refused")
        expect(lastOf(outcome)).toMatch(/^% (Invalid|Incomplete|Ambiguous|Line too long)/);
      if (outcome.kind === "edited") expect(printed(outcome.candidate)).not.toContain("undefined");
    }),
    { numRuns: RUNS },
  );
});

test("what was taken is printed as lines that are taken, and print the same", () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 8 }), lines => {
      const first = rendered([...LINES, ...lines]);
      expect(rendered(first)).toEqual(first);
    }),
    { numRuns: Math.ceil(RUNS / 20) },
  );
});

/** Entries of access lists are left out by the sample's printing, so they play no part. */
function rendered(lines: readonly string[]): string[] {
  let config = sampleModel();
  let place: Place = [];
  for (const line of lines) {
    const outcome = executeLine(sampleMode, config, place, line, 0);
    if (outcome.kind === "edited") config = outcome.candidate;
    if (outcome.kind === "edited" || outcome.kind === "moved") place = outcome.place;
  }
  return renderMode(sampleMode, config);
}

test("help and completion after any text", () => {
  fc.assert(
    fc.property(standing, anyLine, ({ place }, text) => {
      const help = helpIn(sampleMode, place, text);
      if (help.kind === "words") expect(helpLines(help.words).join("")).not.toBe("");
      const rest = completionIn(sampleMode, place, text);
      if (rest !== undefined) expect(helpIn(sampleMode, place, text + rest).kind).not.toBe("invalid");
    }),
    { numRuns: RUNS },
  );
});

test("every prefix of a line that is taken has help", () => {
  for (const [at, line] of LINES.entries()) {
    const place = PLACES[at]?.place ?? [];
    for (let end = 0; end <= line.length; end++) {
      const text = line.substring(0, end);
      const known = [...Array(place.length + 1).keys()].map(depth => helpIn(sampleMode, place.slice(0, depth), text));
      const kinds = known.map(({ kind }) => kind);
      expect([text, kinds.some(kind => kind === "words" || kind === "names")]).toEqual([text, true]);
    }
  }
});

test("every abbreviation that is taken means what the whole line means", () => {
  const shortened = fc.constantFrom(...LINES.keys()).chain(at => {
    const parts = (LINES[at] ?? "").trim().split(" ");
    return fc.tuple(
      fc.constant(at),
      fc.tuple(...parts.map(part => fc.nat(part.length - 1).map(cut => [part, cut] as const))),
    );
  });
  let taken = 0;
  fc.assert(
    fc.property(shortened, ([at, parts]) => {
      const { place, config } = PLACES[at] ?? { place: [], config: sampleModel() };
      const keyword =
        /^(crypto|isakmp|address|ip|route|access-list|extended|permit|interface|standby|timers|msec|association|sctp)$/;
      const short = parts
        .map(([part, cut]) => (keyword.test(part) ? part.substring(0, part.length - cut) : part))
        .join(" ");
      const outcome = executeLine(sampleMode, config, place, short, 0);
      if (outcome.kind !== "edited") {
        expect(lastOf(outcome)).toMatch(/^% Ambiguous/);
        return;
      }
      taken++;
      const whole = executeLine(sampleMode, config, place, LINES[at] ?? "", 0);
      expect(outcome).toEqual(whole);
    }),
    { numRuns: Math.ceil(RUNS / 10) },
  );
  expect(taken).toBeGreaterThan(RUNS / 100);
});

test("every place was reached", () => {
  expect(new Set(PLACES.map(({ place }) => modeAt(sampleMode, place).prompt)).size).toBe(8);
});

test("any line splits at its bar or says what is wrong", () => {
  const bars = fc.array(fc.oneof(anyWord, fc.constantFrom("|", "| include", "| sec", "(a+)+$")), { maxLength: 6 });
  fc.assert(
    fc.property(bars, parts => {
      const piped = splitFilter(parts.join(" "));
      if (piped.kind === "filtered") piped.filter.line("a".repeat(200));
    }),
    { numRuns: RUNS },
  );
});

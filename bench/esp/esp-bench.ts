/**
 * How fast ESP is here, beside others: npm run bench -- esp [--rounds N] [--seconds S] [--only MEASURE,...]
 * [--systems NAME,...] [--out FILE]
 *
 * In each round every system is started, reached, measured and stopped, so that all meet the same hour of the machine;
 * medians of the rounds are told. Rounds in which others used the processors are measured again, twice at most.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { reachable } from "../support/load.ts";
import { Site } from "../support/site.ts";
import { inTurn } from "../support/turn.ts";
import { flipCosts } from "./flip.ts";
import { MEASURES, type Measure, type Measured } from "./measures.ts";
import { plain } from "./plain.ts";
import { asJson, printed, printedFlips, rowsOf, type Sample, verdictsOf } from "./report.ts";
import { steered } from "./steered.ts";
import { strongSwan } from "./strongswan.ts";
import type { System } from "./system.ts";
import { understudy } from "./understudy.ts";
import { wireguardGo } from "./wireguard-go.ts";

const SYSTEMS: readonly System[] = [
  plain("pair"),
  plain("routed"),
  steered(1),
  steered(10_000),
  strongSwan("aes128gcm16", "strongswan aes-gcm"),
  strongSwan("aes128-sha1", "strongswan aes-cbc sha1"),
  wireguardGo,
  understudy("aes-gcm", { encryption: "aes-gcm-128" }),
  understudy("aes-gcm routed", { encryption: "aes-gcm-128" }, "routed"),
  understudy("aes-gcm-256", { encryption: "aes-gcm-256" }),
  understudy("chacha20-poly1305", { encryption: "chacha20-poly1305" }),
  understudy("aes-cbc sha1", { encryption: "aes-cbc-128", integrity: "hmac-sha1-96" }),
  understudy("aes-cbc-256 sha256", { encryption: "aes-cbc-256", integrity: "hmac-sha2-256-128" }),
  understudy("null sha1", { encryption: "null", integrity: "hmac-sha1-96" }),
  understudy("aes-gcm raw", { encryption: "aes-gcm-128", udp: false }),
  understudy("aes-gcm openssl", { encryption: "aes-gcm-128", crypto: "openssl" }),
  understudy("aes-gcm 10000 SAs", { encryption: "aes-gcm-128", sas: 10_000 }),
];
/** Of no system and no round: what flipping a group's role costs. */
const FLIP = "flip";
const AGAIN_MAX = 2;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: [...MEASURES.map(({ name }) => name), FLIP].join(",") },
    systems: { type: "string", default: SYSTEMS.map(({ name }) => name).join(",") },
    out: { type: "string" },
  },
});

const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const asked = values.only.split(",");
const measures = named(MEASURES, asked.filter(name => name !== FLIP).join(","));
const flips = asked.includes(FLIP) ? await inTurn(async () => flipCosts()) : [];
const systems = named(SYSTEMS, values.systems).filter(({ name, missing }) => {
  const why = missing?.();
  if (why !== undefined) console.log(`SKIPPED ${name}: ${why}`);
  return why === undefined;
});

const site = new Site(`bench${process.pid}`);
const samples: Sample[] = [];
site.build();
try {
  for (let round = 1; round <= rounds; round++) {
    for (const system of systems) samples.push(...(await inTurn(() => roundOf(system, round))));
  }
} finally {
  site.remove();
}
const rows = rowsOf(samples);
const verdicts = verdictsOf(rows);
console.log(printed(rows, verdicts));
if (flips.length > 0) console.log(`\n${printedFlips(flips)}`);
if (values.out !== undefined) writeFileSync(values.out, asJson({ samples, rows, verdicts, flips }));
process.exitCode = verdicts.some(({ verdict }) => verdict === "missed") ? 1 : 0;

async function roundOf(system: System, round: number): Promise<Sample[]> {
  const found: Sample[] = [];
  const running = await system.start(site);
  try {
    await reachable({ site, place: system.place, pids: running.pids });
    for (const measure of measures.filter(({ only }) => only !== "many" || system.many === true)) {
      let measured = await measure.run(site, system, running, seconds);
      for (let again = 0; measured.disturbed && again < AGAIN_MAX; again++) {
        measured = await measure.run(site, system, running, seconds);
      }
      found.push({ system: system.name, measure: measure.name, round, ...measured });
      console.log(lineOf(system, measure, round, measured));
    }
  } finally {
    await running.stop();
  }
  return found;
}

function lineOf(system: System, measure: Measure, round: number, { figure, cost, disturbed }: Measured): string {
  const told = cost === undefined ? "" : `, ${cost.toFixed(3)} ${measure.costUnit}`;
  const remark = disturbed ? " DISTURBED" : "";
  return `round ${round}: ${system.name} ${measure.name} ${figure.toFixed(3)} ${measure.unit}${told}${remark}`;
}

function named<T extends { readonly name: string }>(all: readonly T[], names: string): T[] {
  return names
    .split(",")
    .filter(Boolean)
    .map(name => {
      const found = all.find(each => each.name === name);
      if (found !== undefined) return found;
      throw new Error(`there is no "${name}"; there are: ${all.map(each => each.name).join(", ")}`);
    });
}

// Puts what a running lab prints into docs/show.md. Every fenced block there begins with a prompt and a command, such as
// `R1#show standby brief`; what follows in the block is replaced. The words around the blocks are written by hand.
//
//   bin/understudy lab up article
//   bin/understudy lab exec H1 ping -c 1000 -i 0.01 172.16.5.101
//   node scripts/write-show-examples.mjs [LAB]
//
// Who reads about the active member reads about R1, so R1 is made active first.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PAGE = new URL("../docs/show.md", import.meta.url);
const PROGRAM = fileURLToPath(new URL("../bin/understudy", import.meta.url));
const WAIT_MS = 500;
const WAITS = 120;
const lab = process.argv[2] ?? "article";

await untilHot("R1", "R2");
if (!ask("R1", "show standby brief").includes("Active  local")) {
  ask("R2", "redundancy force-switchover");
  await until(() => ask("R1", "show standby brief").includes("Active  local"), "R1 is active");
  await untilHot("R1", "R2");
}
const page = readFileSync(PAGE, "utf8");
writeFileSync(PAGE, page.replaceAll(/^```\n(R\d)#(show .*)\n[^]*?^```$/gm, (_, host, command) => block(host, command)));

function block(host, command) {
  const lines = ask(host, command)
    .trimEnd()
    .split("\n")
    .map(line => line.trimEnd());
  while (lines[0] === "") lines.shift();
  return ["```", `${host}#${command}`, ...lines, "```"].join("\n");
}

function ask(host, command) {
  const socket = `/run/understudy/lab/${lab}/${host}/cli.sock`;
  const answer = execFileSync(process.execPath, [PROGRAM, "cli", "--socket", socket, "-c", command], {
    encoding: "utf8",
  });
  if (answer.includes("% Invalid input")) throw new Error(`${host}: no such command: ${command}`);
  return answer.replaceAll("\r", "");
}

function untilHot(...hosts) {
  const hot = text => /^\s*(my|peer) state = 8\b/m.test(text) && /^\s*(my|peer) state = 13\b/m.test(text);
  return until(() => hosts.every(host => hot(ask(host, "show redundancy states"))), "one is ACTIVE, the other STANDBY HOT");
}

async function until(holds, what) {
  for (let tries = 0; tries < WAITS; tries++) {
    if (holds()) return;
    await new Promise(resolve => setTimeout(resolve, WAIT_MS));
  }
  throw new Error(`lab ${lab}: it did not come about that ${what}`);
}

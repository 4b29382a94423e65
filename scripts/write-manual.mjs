// Writes understudy(8), understudy.cfg(5) and understudy-exec(7) into the folder that the command line names.
//
// Nothing is said twice: the usage of each command comes from the command, the references from the command objects
// (docs/commands.md and docs/exec-commands.md are made of the same). Needs a build.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execReference } from "../dist/cli/exec-reference.js";
import { productVersion } from "../dist/cli/product.js";
import { commandReference } from "../dist/core/config/command-reference.js";

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node scripts/write-manual.mjs FOLDER");
  process.exit(2);
}
const PROGRAM = fileURLToPath(new URL("../bin/understudy", import.meta.url));
const HOME = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

mkdirSync(folder, { recursive: true });
write("understudy", 8, HOME.description, programManual());
write("understudy.cfg", 5, "configuration commands of an Understudy gateway", reference(commandReference()));
write("understudy-exec", 7, "exec commands of an Understudy gateway", reference(execReference()));

function write(name, section, summary, body) {
  const title = `.TH ${name.toUpperCase()} ${section} "" "Understudy ${productVersion()}"`;
  const lines = [title, ".SH NAME", `${name} \\- ${escaped(summary)}`, ...body];
  writeFileSync(join(folder, `${name}.${section}`), `${lines.join("\n")}\n`);
}

function programManual() {
  const usages = ["run", "cli", "check", "doctor", "lab"].flatMap(word => {
    const usage = execFileSync(process.execPath, [PROGRAM, word, "--help"], { encoding: "utf8" });
    return [`.SS understudy ${word}`, ".nf", ...usage.trimEnd().split("\n").map(literal), ".fi"];
  });
  return [
    ".SH SYNOPSIS",
    ".B understudy",
    ".I command",
    "[\\fIoption\\fR ...]",
    ".SH COMMANDS",
    ...usages,
    ".SH FILES",
    ...item("/etc/understudy/startup.cfg", "The startup configuration; \\fBwrite memory\\fR replaces it."),
    ...item("/etc/default/understudy", "Options of \\fBunderstudy run\\fR for the service."),
    ...item("/var/lib/understudy", "What must survive a restart: epochs, this member's identity, what to undo."),
    ...item("/run/understudy/cli.sock", "Where \\fBunderstudy cli\\fR attaches."),
    ".SH SEE ALSO",
    ".BR understudy.cfg (5),",
    ".BR understudy-exec (7)",
  ];
}

/** The subset of Markdown that the references are written in. */
function reference(markdown) {
  let code = false;
  return markdown.split("\n").flatMap(line => {
    if (line.startsWith("```")) {
      code = !code;
      return code ? [".PP", ".nf"] : [".fi"];
    }
    if (code) return [literal(line)];
    if (line === "" || line.startsWith("# ") || /^\| -+ \|/.test(line)) return [];
    if (line.startsWith("## ")) return [`.SH ${quoted(line.slice(3))}`];
    if (line.startsWith("### ")) return [`.SS ${quoted(line.slice(4))}`];
    if (line.startsWith("|")) return row(line);
    return [".PP", styled(line)];
  });
}

function row(line) {
  const cells = line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map(cell => cell.trim().replaceAll("\\|", "|"));
  const [first = "", ...others] = cells;
  if (["word", "command"].includes(first)) return [];
  return [".TP", styled(first), styled(others.filter(Boolean).join(" ")) || "\\&"];
}

function item(name, text) {
  return [".TP", `.I ${escaped(name)}`, text];
}

function quoted(text) {
  return `"${escaped(text.replaceAll("`", "")).replaceAll('"', "\\(dq")}"`;
}

function styled(text) {
  const bold = part => part.replaceAll(/\*\*([^*]+)\*\*/g, "\\fI$1\\fR");
  return text
    .split("`")
    .map((part, at) => (at % 2 === 1 ? `\\fB${escaped(part)}\\fR` : bold(escaped(part))))
    .join("")
    .replace(/^([.'])/, "\\&$1");
}

function literal(line) {
  return escaped(line).replace(/^([.'])/, "\\&$1");
}

function escaped(text) {
  const signs = { "\\": "\\e", "-": "\\-", "'": "\\(aq", "~": "\\(ti", "^": "\\(ha" };
  return text.replaceAll(/[\\\-'~^]/g, sign => signs[sign]);
}

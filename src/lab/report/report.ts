/** Writes a report: the page with its style, its script and the plotting library in it. */
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SystemError } from "../../core/errors.ts";
import { type Report, reportPage } from "./report-page.ts";

const STYLE = fileURLToPath(new URL("../../../lab/report/report.css", import.meta.url));
/** In `dist/`, wherever this file runs from: a browser cannot run TypeScript. */
const BUILT = new URL("../../../dist/lab/report/", import.meta.url);
const SCRIPT = fileURLToPath(new URL("./page/page.js", BUILT));

/** Answers where it is. Throws a `SystemError`. */
export async function writeReport(file: string, report: Report): Promise<string> {
  const path = resolve(file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, reportPage(report, partsOfPage()));
  } catch (error) {
    throw new SystemError("write the report", { file: path }, error);
  }
  return path;
}

function partsOfPage() {
  const plot = (file: string): string =>
    readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${file}`), "utf8");
  return {
    style: `${plot("uPlot.min.css")}\n${readFileSync(STYLE, "utf8")}`,
    plotLibrary: plot("uPlot.iife.min.js"),
    script: readFileSync(SCRIPT, "utf8"),
  };
}

/** What to type for this program, as whoever reads a hint has called it: from a checkout its bare name is not found. */
import { basename, delimiter, dirname, relative } from "node:path";

const NAME = "understudy";

export function calledAs(
  program = process.argv[1] ?? NAME,
  from = process.cwd(),
  path = (process.env.PATH ?? "").split(delimiter),
): string {
  // The launcher was called by another, such as a test.
  if (basename(program) !== NAME || path.includes(dirname(program))) return NAME;
  const way = relative(from, program);
  return way.startsWith("..") ? program : way;
}

/** A scene as lines for a terminal, at most as wide and as high as it is. Pure. */
import { type Cell, isThrough, type Scene, type Strip } from "./scene.ts";

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

type Colour = "green" | "yellow" | "red" | "bold" | "dim";
const CODES: Readonly<Record<Colour, string>> = { green: "32", yellow: "33", red: "31", bold: "1", dim: "2" };
const MARKS: Readonly<Record<Cell, readonly [mark: string, colour: Colour]>> = {
  all: ["▪", "green"],
  some: ["▄", "yellow"],
  none: ["█", "red"],
};
const STATE_COLOURS: Readonly<Record<string, Colour>> = { Active: "green", Standby: "yellow" };
const MEMBER_COLUMNS = 26;
const STRIP_NAME_COLUMNS = 22;
const COUNTS_COLUMNS = 28;

export function picture(scene: Scene, screen: Screen): string[] {
  const paint = painter(screen.colour);
  const fixed = [
    paint(clipped(scene.heading, screen.columns), "bold"),
    "",
    ...plan(scene, paint),
    "",
    ...scene.strips.map(each => stripLine(each, screen, paint)),
    "",
    ...scene.results.map(each => clipped(each, screen.columns)),
    "",
  ];
  const room = Math.max(0, screen.rows - fixed.length - 1);
  const events = room === 0 ? [] : scene.events.slice(-room);
  return [...fixed, ...events.map(each => paint(clipped(each, screen.columns), "dim"))].slice(0, screen.rows - 1);
}

/** How many cells of a strip there is room for. */
export function cellRoom({ columns }: Pick<Screen, "columns">): number {
  return Math.max(10, columns - STRIP_NAME_COLUMNS - COUNTS_COLUMNS);
}

type Paint = (text: string, colour: Colour) => string;

/** The pair between its two sides. */
function plan({ near, members, beyond, strips }: Scene, paint: Paint): string[] {
  const [first, second] = members;
  if (first === undefined || second === undefined) return [];
  const isUp = isThrough(strips);
  const [middle = "", ...rest] = beyond;
  const tunnel = strips.length === 0 ? "────────────" : isUp ? "═ tunnel up ═" : "─ no traffic ─";
  const far = [middle, paint(tunnel, isUp ? "green" : "dim"), rest.join(" ── ")].join(" ");
  const left = ` ${near} ──`;
  return [
    `${left}┬── ${memberText(first, paint)} ──┬── ${far}`,
    `${" ".repeat(left.length)}└── ${memberText(second, paint)} ──┘`,
  ];
}

function memberText({ name, state }: Scene["members"][number], paint: Paint): string {
  const colour = STATE_COLOURS[state.split(" ")[0] ?? ""];
  const padding = " ".repeat(Math.max(0, MEMBER_COLUMNS - name.length - state.length - 1));
  return `${name} ${colour === undefined ? state : paint(state, colour)}${padding}`;
}

function stripLine({ name, cells, sent, lost }: Strip, screen: Screen, paint: Paint): string {
  const shown = cells.slice(-cellRoom(screen)).map(each => paint(...MARKS[each]));
  const marks = shown.join("") + " ".repeat(Math.max(0, cellRoom(screen) - shown.length));
  return `${clipped(name, STRIP_NAME_COLUMNS - 1).padEnd(STRIP_NAME_COLUMNS)}${marks} sent ${sent}, lost ${lost}`;
}

function clipped(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

function painter(colour: boolean): Paint {
  return (text, which) => (colour ? `\x1b[${CODES[which]}m${text}\x1b[0m` : text);
}

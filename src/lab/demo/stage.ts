/**
 * Where the demonstration shows itself: as lines one after the other, or as a picture that is drawn again and again in a
 * terminal's other screen, which leaves what was there before as it was.
 */
import { cellRoom, picture } from "./picture.ts";
import type { Scene } from "./scene.ts";

export interface Stage {
  /** How many cells a strip of probes keeps; 0 where none is shown. */
  readonly cells: number;
  /** What stands in the record, whichever way it is shown. */
  say(...lines: readonly string[]): void;
  show(scene: Scene): void;
  /** Back to lines. Safe to call twice. */
  close(): void;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const OTHER_SCREEN = "\x1b[?1049h\x1b[?25l";
const FIRST_SCREEN = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const REST_OF_LINE = "\x1b[K";
const REST_OF_SCREEN = "\x1b[J";

export function stageFor(output: Output, environment: NodeJS.ProcessEnv): Stage {
  const isPicture = output.isTTY === true && environment.TERM !== "dumb";
  return isPicture ? pictureStage(output, environment.NO_COLOR === undefined) : lineStage(output);
}

function lineStage(output: Output): Stage {
  return {
    cells: 0,
    say: (...lines) => void output.write(`${lines.join("\n")}\n`),
    show: () => {},
    close: () => {},
  };
}

function pictureStage(output: Output, colour: boolean): Stage {
  const screen = () => ({ columns: output.columns ?? 80, rows: output.rows ?? 24, colour });
  /** What was said meanwhile: it is written once the picture is gone. */
  const said: string[] = [];
  let isOpen = false;
  return {
    get cells() {
      return cellRoom(screen());
    },
    say: (...lines) => {
      if (isOpen) said.push(...lines);
      else output.write(`${lines.join("\n")}\n`);
    },
    show: scene => {
      if (!isOpen) output.write(OTHER_SCREEN);
      isOpen = true;
      const lines = picture(scene, screen()).map(line => `${line}${REST_OF_LINE}\n`);
      output.write(`${HOME}${lines.join("")}${REST_OF_SCREEN}`);
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      output.write(FIRST_SCREEN);
      if (said.length > 0) output.write(`${said.splice(0).join("\n")}\n`);
    },
  };
}

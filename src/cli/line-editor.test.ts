import fc from "fast-check";
import { expect, test } from "vitest";
import { type Key, LINE_LIMIT, LineEditor } from "./line-editor.ts";

function typed(input: string, editor = new LineEditor(() => {})): { keys: Key[]; editor: LineEditor } {
  const keys: Key[] = [];
  for (const char of input) {
    const key = editor.feed(char);
    if (key) keys.push(key);
  }
  return { keys, editor };
}

/** What a terminal shows after the editor's output: backspace moves, characters overwrite. */
function screen(input: string): string {
  let line: string[] = [];
  let at = 0;
  const editor = new LineEditor(text => {
    for (const char of text) {
      if (char === "\b") at = Math.max(0, at - 1);
      else if (char === "\r") at = 0;
      else if (char === "\n") line = [];
      else line[at++] = char;
    }
  });
  typed(input, editor);
  return line.join("").trimEnd();
}

test.each(["\r", "\n", "\r\n", "\r\0"])("Enter is %j, once", end => {
  expect(typed(`show clock${end}x`).keys).toEqual([{ kind: "enter", text: "show clock" }]);
});

test("the echo of plain typing is exactly what was typed", () => {
  let out = "";
  typed(
    "interface f0/0",
    new LineEditor(text => {
      out += text;
    }),
  );
  expect(out).toBe("interface f0/0");
});

test("editing keys", () => {
  expect(typed("showw\x7f clck\x1b[D\x1b[Do\r").keys).toEqual([{ kind: "enter", text: "show clock" }]);
  expect(typed("junk here\x15show\x01do \x05 run\r").keys).toEqual([{ kind: "enter", text: "do show run" }]);
  expect(typed("one two\x17three\r").keys).toEqual([{ kind: "enter", text: "one three" }]);
  expect(typed("abcdef\x02\x02\x0bX\r").keys).toEqual([{ kind: "enter", text: "abcdX" }]);
});

test("what the terminal shows is the line", () => {
  for (const input of ["abc\x1b[D\x1b[DX", "abc\x01\x1b[3~", "hello\x15bye", "ab cd\x17e", "abcd\x02\x02\x0bZ"]) {
    expect(screen(input)).toBe(typed(input).editor.text);
  }
});

test("help and completion act at once, with the text before the cursor", () => {
  expect(typed("show ?").keys).toEqual([{ kind: "help", text: "show ", tail: "" }]);
  expect(typed("sh\t").keys).toEqual([{ kind: "tab", text: "sh", tail: "" }]);
  expect(typed("what\x16?\r").keys).toEqual([{ kind: "enter", text: "what?" }]);
});

test("^C and ^Z drop the line, ^D hangs up only on an empty one", () => {
  const interrupted = typed("abc\x03");
  expect(interrupted.keys).toEqual([{ kind: "interrupt" }]);
  expect(interrupted.editor.text).toBe("");
  expect(typed("\x1a").keys).toEqual([{ kind: "end" }]);
  expect(typed("\x04").keys).toEqual([{ kind: "hangup" }]);
  expect(typed("ab\x01\x04\r").keys).toEqual([{ kind: "enter", text: "b" }]);
});

test("history goes back and forth", () => {
  const editor = new LineEditor(() => {});
  for (const line of ["first", "second"]) {
    typed(`${line}\r`, editor);
    editor.remember(line);
  }
  typed("\r", editor);
  expect(typed("\x10\x10\r", editor).keys).toEqual([{ kind: "enter", text: "first" }]);
  expect(typed("\x1b[A\x1b[A\x1b[B\r", editor).keys).toEqual([{ kind: "enter", text: "second" }]);
});

test("a line that is too long is refused once and forgotten", () => {
  const { keys, editor } = typed("x".repeat(LINE_LIMIT + 1));
  expect(keys).toEqual([{ kind: "too-long" }]);
  expect(editor.text).toBe("");
});

test("nothing that is typed can put a control character on the screen, or lose the screen", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), input => {
      let out = "";
      const editor = new LineEditor(text => {
        out += text;
      });
      for (const char of input) editor.feed(char);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the test is about
      expect(out).not.toMatch(/[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f]/);
    }),
  );
});

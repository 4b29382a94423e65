/** UTF-8 as octets, RFC 3629, without the platform's help, so that core needs none. */

export function utf8(text: string): Uint8Array {
  const out: number[] = [];
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point < 0xe000 ? 0xfffd : point;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), tail(code));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    else out.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code));
  }
  return Uint8Array.from(out);
}

/** Total: what is not UTF-8 becomes U+FFFD, one for each octet. */
export function fromUtf8(octets: Uint8Array): string {
  let text = "";
  for (let at = 0; at < octets.length; ) {
    const { point, length } = sequenceAt(octets, at);
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

function tail(code: number): number {
  return 0x80 | (code & 0x3f);
}

const REPLACEMENT = { point: 0xfffd, length: 1 } as const;
/** Per length: the mask of the first octet's bits, and the smallest code point, below which the form is overlong. */
const FORMS = [
  { length: 2, lead: 0xc0, mask: 0x1f, least: 0x80 },
  { length: 3, lead: 0xe0, mask: 0x0f, least: 0x800 },
  { length: 4, lead: 0xf0, mask: 0x07, least: 0x10000 },
] as const;

function sequenceAt(octets: Uint8Array, at: number): { point: number; length: number } {
  const first = octets[at] ?? 0;
  if (first < 0x80) return { point: first, length: 1 };
  const form = FORMS.find(each => (first & ~each.mask & 0xff) === each.lead);
  if (form === undefined || at + form.length > octets.length) return REPLACEMENT;
  let point = first & form.mask;
  for (let n = 1; n < form.length; n++) {
    const next = octets[at + n] ?? 0;
    if ((next & 0xc0) !== 0x80) return REPLACEMENT;
    point = (point << 6) | (next & 0x3f);
  }
  const allowed = point >= form.least && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000);
  return allowed ? { point, length: form.length } : REPLACEMENT;
}

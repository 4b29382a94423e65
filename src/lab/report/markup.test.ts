import { expect, test } from "vitest";
import { embedded, escaped } from "./markup.ts";

test("what a gateway says stays text", () => {
  expect(escaped(`<b class="x">R1 & R2's</b>`)).toBe("&lt;b class=&quot;x&quot;&gt;R1 &amp; R2&#39;s&lt;/b&gt;");
});

test("data cannot end the element that it stands in, and reads back", () => {
  const value = { said: "</script><!-- <script>", more: ["ü", null] };
  expect(embedded(value)).not.toContain("<");
  expect(JSON.parse(embedded(value))).toEqual(value);
});

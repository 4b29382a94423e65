import { expect, test } from "vitest";
import { cloneModel } from "./clone.ts";

class Secret {
  readonly #octets = new Uint8Array([1, 2]);
  get length(): number {
    return this.#octets.length;
  }
}

test("a copy is equal and shares nothing that changes", () => {
  const model = {
    name: "R1",
    none: undefined,
    list: [{ a: 1 }],
    map: new Map([["x", { deep: new Set([1]) }]]),
    octets: new Uint8Array([1, 2, 3]),
  };
  const copy = cloneModel(model);
  expect(copy).toEqual(model);
  expect(copy.octets).toBeInstanceOf(Uint8Array);
  copy.list.push({ a: 2 });
  copy.map.get("x")?.deep.add(2);
  copy.octets[0] = 9;
  expect(model.list).toEqual([{ a: 1 }]);
  expect([...(model.map.get("x")?.deep ?? [])]).toEqual([1]);
  expect([...model.octets]).toEqual([1, 2, 3]);
});

test("an instance of a class is a value and stays the same one", () => {
  const secret = new Secret();
  expect(cloneModel({ secret }).secret).toBe(secret);
  expect(cloneModel({ secret }).secret.length).toBe(2);
});

test("a key is a key, whatever it is called", () => {
  const odd: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
  const copy = cloneModel(odd);
  expect(Object.keys(copy as object)).toEqual(["__proto__"]);
  expect((copy as { polluted?: boolean }).polluted).toBeUndefined();
});

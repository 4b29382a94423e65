/**
 * Copies a model, so that a line edits a candidate and what fails changes nothing. A model is plain objects, arrays,
 * maps, sets, octets and values that never
 * change; an instance of a class, such as a secret, is such a value and stays shared.
 */

export function cloneModel<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneModel) as T;
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, cloneModel(each)])) as T;
  if (value instanceof Set) return new Set([...value].map(cloneModel)) as T;
  if (value instanceof Uint8Array) return new Uint8Array(value) as T;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cloneModel(each)])) as T;
}

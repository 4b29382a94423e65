/**
 * Who may import whom. The order of the rooms is the law, and it stands here once: a room imports only from rooms below
 * it. Checked by tests/tidy/layers.test.ts, which also proves that a violation is found.
 */

/** src/core, from the top down. `errors.ts` is a file; everyone may use it. */
const CORE_ROOMS = [
  "config",
  "redundancy",
  "commit",
  "gate",
  "ike",
  "ipsec",
  "hsrp",
  "net",
  "crypto",
  "command",
  "log",
  "wire",
  "proto",
  "errors.ts",
];

/**
 * What each room outside core may import, itself apart. `linux` and `sim` are siblings: two outside worlds for one
 * core.
 */
const OUTSIDE_ROOMS = {
  linux: ["core"],
  sim: ["core"],
  cli: ["linux", "core"],
  gateway: ["cli", "linux", "core"],
  lab: ["gateway", "cli", "linux", "core"],
  "main.ts": ["lab", "gateway", "cli", "linux", "core"],
};

const literal = text => text.replaceAll(".", "\\.");
const roomPath = (folder, room) => `${folder}/${literal(room)}${room.endsWith(".ts") ? "$" : "/"}`;
const anyOf = (folder, rooms) => rooms.map(room => roomPath(folder, room)).join("|");

/**
 * Tests stand beside the file that they test, and may use Node and the tools of testing, as codec-kit does for them.
 */
const TESTS = "[.](test|test-support)[.]ts$|-kit[.]ts$";

const coreOrder = CORE_ROOMS.slice(1).map((room, index) => ({
  name: `core-${room}-imports-only-downwards`,
  comment: `The rooms of core from the top down: ${CORE_ROOMS.join(" > ")}.`,
  severity: "error",
  from: { path: `^${roomPath("src/core", room)}` },
  to: { path: `^(${anyOf("src/core", CORE_ROOMS.slice(0, index + 1))})` },
}));

const outsideOrder = Object.entries(OUTSIDE_ROOMS).map(([room, allowed]) => ({
  name: `${room}-imports-only-downwards`,
  comment: `src/${room} may import from itself and from ${allowed.join(", ")}.`,
  severity: "error",
  from: { path: `^${roomPath("src", room)}` },
  to: { path: "^src/", pathNot: `^(${anyOf("src", [room, ...allowed])})` },
}));

module.exports = {
  forbidden: [
    ...coreOrder,
    ...outsideOrder,
    {
      name: "core-imports-nothing-of-the-rest",
      comment: "core is pure: the rest of the product comes to it, never the other way round.",
      severity: "error",
      from: { path: "^src/core/", pathNot: TESTS },
      to: { path: "^src/", pathNot: "^src/core/" },
    },
    {
      name: "tests-of-core-import-ciphers-alone-of-the-rest",
      comment: "Core has no cryptography; its tests hand in the real one.",
      severity: "error",
      from: { path: `^src/core/.*(${TESTS})` },
      to: { path: "^src/", pathNot: "^src/(core/|linux/node-primitives[.]ts$)" },
    },
    {
      name: "core-imports-neither-node-nor-npm",
      comment: "But for protobuf, which writes what crosses the association.",
      severity: "error",
      from: { path: "^src/core/", pathNot: TESTS },
      to: { pathNot: "^src/|(^|/)@bufbuild/protobuf(/|$)" },
    },
    {
      name: "protobuf-only-in-records",
      comment: "What crosses the association is written and read in modules that do only that; all else has types of its own.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/core/proto/|^src/core/.*-(record|message)([.]test)?[.]ts$" },
      to: { path: "(^|/)@bufbuild/protobuf(/|$)" },
    },
    {
      name: "tools-of-testing-only-in-tests",
      comment: "The product runs without the development dependencies.",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: { path: "(^|/)(vitest|fast-check)(/|$)" },
    },
    {
      name: "tests-are-imported-only-by-tests",
      comment: "A module of the product that needs a test's help is not finished.",
      severity: "error",
      from: { path: "^src/", pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: "every-room-has-its-place",
      comment: "A new room is written into the order above before anything is put into it.",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: `^(${anyOf("src/core", CORE_ROOMS)}|${anyOf("src", Object.keys(OUTSIDE_ROOMS))})` },
    },
    {
      name: "no-cycles",
      comment: "Two modules that need each other are one module, or three.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "everything-resolves",
      comment: "A name that resolves to nothing is a name that no rule sees.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: "swc",
    // Types too: an import that only names a type couples two rooms all the same.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.test.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/fixtures/" },
  },
};

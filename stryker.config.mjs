// `npm run mutate [-- --mutate FILE]`: breaks the pure rooms in one place after another, and lets the unit tests find it.

/** Those that look at the pure rooms and need no Docker. */
const TESTS = [
  ...["plan", "transition", "capacity", "holders", "neighbors", "turn", "haproxyRules"],
  ...["haproxyLimits", "haproxyText", "planText", "change", "policy", "policyTraffic", "policyTransitions"],
  ...["freeze", "watch", "watchProperties", "explain", "explainRollout", "releaseCommand", "workers"],
  ...["swarm", "tasks", "edgesMerged", "model", "inTheWay", "processors", "haproxyMeaning"],
  ...["watchWords", "watchEvidence", "explainText", "way", "slots", "placement"],
  ...["planParts", "haproxyParts", "policyWords"],
];

/** `TESTS=plan,planText`: some of them alone, by which a room takes minutes instead of an hour. */
const tests = process.env["TESTS"]?.split(",") ?? TESTS;

export default {
  testRunner: "mocha",
  mochaOptions: { require: ["./typescript.cjs"], spec: tests.map((name) => `test/unit/${name}.test.ts`) },
  // A folder that is not there is no fault, so that rooms may come and go.
  mutate: [
    "{plan,model,haproxy/config,routing/planner,watch,explain}/**/*.ts",
    "policy/{rules,traffic,transitions,freeze}.ts",
  ],
  ignorePatterns: [".state", ".cache", "docs", "Pulumi.*.yaml", "!Pulumi.prod.yaml"],
  coverageAnalysis: "perTest",
  incremental: true,
  incrementalFile: ".cache/mutants.json",
  tempDirName: ".cache/stryker",
  htmlReporter: { fileName: ".cache/mutants.html" },
  reporters: ["clear-text", "html"],
  clearTextReporter: { allowColor: false, reportTests: false, skipFull: true },
  thresholds: { high: 95, low: 90, break: 90 },
};

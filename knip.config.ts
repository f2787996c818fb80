import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { KnipConfig } from "knip";

/** The files that the npm scripts start by way of scripts/run.mjs, from the project's folder on. */
function started(): string[] {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const files = Object.values(scripts).map((command) => /scripts\/run\.mjs (\S+\.ts)/.exec(command)?.[1]);
  return [...new Set(files.filter((file) => file !== undefined).map((file) => join("scripts", file)))];
}

/** What a script loads only when it needs it: `load("./rollback/facts")`. */
function loadedLate(file: string): string[] {
  const calls = readFileSync(file, "utf8").matchAll(/\bload\("(\.[^"]+)"\)/g);
  return [...calls].map(([, path]) => `${join(dirname(file), path ?? "")}.ts`);
}

// Dead code: what nobody starts, imports or names. A fault is mended by deleting, or by dropping the word `export`.
export default {
  // Pulumi starts the plugin, the policy pack and what is loaded before them, the demo's image its server, and a reader the examples.
  entry: [
    "{routing,policy}/index.ts",
    "preload.cjs",
    ...started(),
    ...started().flatMap(loadedLate),
    "images/demo/*.mjs",
    "examples/*/*.ts",
  ],
  project: ["**/*.{ts,mjs,cjs}"],
  mocha: { entry: "test/**/*.test.ts" },
  exclude: ["binaries"], // programs of the system, such as dockerd
} satisfies KnipConfig;

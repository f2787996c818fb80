import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { goAtHand } from "../engine/go";
import { projectFolder } from "../engine/layout";
import { tool, type Check, type Verdict } from "./check";

/** The Go module that pins the linter. */
const module = join(projectFolder, "scripts", "check", "actionlint");
/** How long building it may take, in milliseconds: it takes seconds, and half a minute with its downloads. */
const PATIENCE = 180_000;

/** Builds the linter, unless it is there in this version; returns where it is, or why it cannot be had. */
async function linter(): Promise<{ command: string } | { why: string }> {
  const [, version] = /actionlint (v\S+)/.exec(readFileSync(join(module, "go.mod"), "utf8")) ?? [];
  const folder = join(projectFolder, ".cache", "check");
  const command = join(folder, `actionlint-${version}`);
  if (existsSync(command)) return { command };
  const go = await goAtHand();
  if (!go) return { why: "actionlint is built with Go, and there is none here: install Go 1.25 or newer" };
  mkdirSync(folder, { recursive: true });
  const partial = `${command}.${process.pid}`;
  const flags = ["-mod=readonly", "-buildvcs=false", "-trimpath", "-o", partial];
  const { failed, stderr } = await execa(
    go.command,
    ["build", ...flags, "github.com/rhysd/actionlint/cmd/actionlint"],
    {
      ...{ cwd: module, env: { ...go.env, CGO_ENABLED: "0", GOWORK: "off" } },
      ...{ reject: false, timeout: PATIENCE, stdin: "ignore" },
    },
  );
  if (failed)
    return { why: `actionlint cannot be built here: ${stderr.trim().split("\n").at(-1) || "no end in sight"}` };
  renameSync(partial, command);
  return { command };
}

/** actionlint over the workflows, and shellcheck over what they run, where that is on the PATH. */
export const workflows: Check = {
  name: "workflows (actionlint)",
  async run(): Promise<Verdict> {
    const found = await linter();
    return "why" in found ? { is: "left out", why: found.why } : tool(found.command, ["-no-color"]);
  },
};

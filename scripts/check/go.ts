import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { goAtHand } from "../engine/go";
import { sourcesFolder } from "../engine/layout";
import { tool, type Check, type Verdict } from "./check";

/** As the engine is built, so that what was compiled for it is used again. */
const FLAGS = ["-mod=readonly", "-buildvcs=false", "-trimpath"];
/** How many packages may have to be compiled first: more means that the engine was not built here, and minutes. */
const FEW = 20;

/** The Go modules of the engine's sources, each with what is to be looked at: its packages, and those inside it of their own. */
function modules(): { folder: string; packages: string[] }[] {
  const folders = readdirSync(sourcesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) => {
    const folder = join(sourcesFolder, name);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    if (!files.includes("go.mod") || !files.some((file) => file.endsWith(".go"))) return [];
    const inside = readFileSync(join(folder, "go.mod"), "utf8").matchAll(/^\s*(?:replace )?(\S+) => \.\//gm);
    return [{ folder, packages: ["./...", ...[...inside].map(([, module]) => module ?? "")] }];
  });
}

/**
 * `go vet` over the engine's sources. Left out where it would have to download or compile the whole engine first: that
 * is, where Pulumi's official release is used.
 */
export const goVet: Check = {
  name: "Go (go vet)",
  async run(): Promise<Verdict> {
    const go = await goAtHand();
    if (!go) return { is: "left out", why: "no Go here, and none is needed where Pulumi can be downloaded" };
    const env = { ...go.env, CGO_ENABLED: "0", GOWORK: "off", GOPROXY: "off" };
    for (const { folder, packages } of modules()) {
      const where = { cwd: folder, env };
      const list = ["list", "-deps", ...FLAGS, "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", ...packages];
      const { failed, stdout } = await execa(go.command, list, { ...where, reject: false });
      if (failed || stdout.split("\n").filter(Boolean).length > FEW)
        return { is: "left out", why: "the engine was not built here, so what its sources need is missing" };
      const verdict = await tool(go.command, ["vet", ...FLAGS, ...packages], where);
      if (verdict.is !== "passed") return verdict;
    }
    return { is: "passed" };
  },
};

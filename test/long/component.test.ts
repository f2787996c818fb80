import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { freePorts } from "../../scripts/common/freePort";
import { locate, projectFolder } from "../../scripts/engine/layout";
import { assertClean, once, startLoad } from "../support/load";

describe("a pair in a program of one's own", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), "component-"));
  const name = `dev-t-${randomBytes(4).toString("hex")}`;
  const env = {
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const cwd = join(projectFolder, "examples", "component");
  const pulumi = (...args: string[]) =>
    execa(join(locate().bin, "pulumi"), [...args, "--stack", name, "--non-interactive"], { cwd, env, all: true });
  const up = () => pulumi("up", "--yes", "--skip-preview");
  let url = "";

  before(async () => {
    const port = await freePorts(4);
    url = `http://127.0.0.1:${port}`;
    await pulumi("stack", "init", "--no-select");
    await pulumi("config", "set", "port", String(port));
  });
  after(async () => {
    await pulumi("destroy", "--yes", "--skip-preview");
    rmSync(folder, { recursive: true });
    rmSync(join(cwd, `Pulumi.${name}.yaml`));
  });

  it("serves, and is switched by that program's own config without a failed request", async () => {
    await up();
    assert.equal((await once(url)).color, "blue");
    const load = startLoad(url, { keepAlive: 4, fresh: 2, paceMs: 20 });
    await pulumi("config", "set", "live", "green");
    const { stdout } = await pulumi("preview");
    assert.match(stdout, /visitors: blue v1 → green v2[^]*~ 1 to update/);
    await up();
    const report = await load.stop();
    assertClean(report);
    assert.equal((await once(url)).color, "green");
    console.log(`      ${report}`);
    assert.match((await up()).stdout, /\d+ unchanged/);
  });

  it("tells every fault of what the program gives, and changes nothing", async () => {
    await pulumi("config", "set", "live", "red");
    await pulumi("config", "set", "next", "v 2");
    const { all = "" } = await up().catch((error: { all?: string }) => error);
    assert.match(all, /2 faults; nothing was changed/);
    assert.match(all, /activeColor: got "red"; allowed: blue, green or both/);
    assert.match(all, /green\.tag: got "v 2"/);
    assert.equal((await once(url)).color, "green");
  });
});

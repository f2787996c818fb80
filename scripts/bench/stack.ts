import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { projectFolder } from "../engine/layout";
import { freePorts } from "../common/freePort";
import type { Demo } from "../common/stack";
import { BENCH_IMAGE } from "./lab";
import { leftovers } from "./leftovers";

/** A stack with a backend of its own, of this program or of another folder's; driven by the real CLI. */
export class BenchStack {
  readonly name = `bench-${randomBytes(3).toString("hex")}`;
  private readonly backend = mkdtempSync(join(tmpdir(), "bluegreen-bench-"));
  /** Production's port; 0 for another program. */
  port = 0;

  constructor(
    private readonly demo: Demo,
    private readonly folder = projectFolder,
  ) {}

  get env(): Record<string, string> {
    return { ...this.demo.env, PULUMI_BACKEND_URL: `file://${this.backend}`, PULUMI_CONFIG_PASSPHRASE: "" };
  }

  private readonly leave = () => this.remove();

  async init(config: Record<string, string> = {}): Promise<this> {
    leftovers.add(this.leave);
    await this.run("stack", "init", this.name, "--no-select");
    if (Object.keys(config).length > 0) await this.set(config);
    return this;
  }

  async set(config: Record<string, string>): Promise<void> {
    const pairs = Object.entries(config).flatMap(([key, text]) => ["--plaintext", `${key}=${text}`]);
    await this.run("config", "set-all", "--stack", this.name, "--path", ...pairs);
  }

  /** Runs a Pulumi command, and returns how many seconds it took. @throws Error with its words if it fails */
  async run(...args: string[]): Promise<number> {
    const all =
      args[0] === "preview" || args[0] === "up" || args[0] === "destroy" ? [...args, "--stack", this.name] : args;
    return this.timed(join(this.demo.bin, "pulumi"), [...all, "--non-interactive", "--color=never"]);
  }

  up = () => this.run("up", "--yes", "--skip-preview");
  preview = () => this.run("preview");

  /** `npm run rollback` without npm. */
  rollback = () => this.timed(process.execPath, [join("scripts", "run.mjs"), "rollback.ts", "--stack", this.name]);

  private async timed(command: string, args: string[]): Promise<number> {
    const from = performance.now();
    const ran = await execa(command, args, { cwd: this.folder, env: this.env, reject: false, all: true });
    if (ran.failed) throw new Error(`${args.join(" ")} failed:\n${ran.all ?? ""}`);
    return (performance.now() - from) / 1_000;
  }

  /** Takes everything away, what a failed update left too. */
  async remove(): Promise<void> {
    leftovers.forget(this.leave);
    await this.run("destroy", "--yes", "--skip-preview").catch(() => 0);
    await this.run("stack", "rm", this.name, "--yes", "--force").catch(() => 0);
    rmSync(this.backend, { recursive: true, force: true });
    rmSync(join(this.folder, `Pulumi.${this.name}.yaml`), { force: true });
  }
}

const REPLICA = `printf 'daemon off; pid /tmp/pid; events {} http { access_log off; client_body_temp_path /tmp/0;
proxy_temp_path /tmp/1; fastcgi_temp_path /tmp/2; uwsgi_temp_path /tmp/3; scgi_temp_path /tmp/4; keepalive_timeout 75s;
server { listen 80; location / { return 200 ok; } } }' > /tmp/nginx.conf; exec nginx -e /dev/null -c /tmp/nginx.conf`;

/** A stack of this program with so many replicas of each color, green live. */
export async function ourStack(demo: Demo, scale: number): Promise<BenchStack> {
  const stack = new BenchStack(demo);
  const port = await freePorts(4);
  await stack.init({
    ...{ activeColor: "green", image: BENCH_IMAGE.split(":")[0]!, "blue.tag": "1", "green.tag": "1" },
    ...{ "blue.scale": String(scale), "green.scale": String(scale), "app.user": "1000" },
    ...{ "app.command[0]": "sh", "app.command[1]": "-c", "app.command[2]": REPLICA },
    ...{ "loadBalancer.port": String(port), "loadBalancer.stagingPort": String(port + 1) },
    "loadBalancer.metricsPort": String(port + 2),
  });
  stack.port = port;
  return stack;
}

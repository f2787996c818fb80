import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { remoteHost } from "../../docker/endpoint";
import { CONFIG, STACK, stackFile } from "./demo";
import { projectFolder } from "../engine/layout";
import { SetupError, type Say } from "./step";

/** How the engine is run for the demo's stack. */
export interface Demo {
  /** The folder with `pulumi`. */
  bin: string;
  env: Record<string, string>;
}

/** A resource in a stack's state, as far as the scripts look at it. */
export interface StateResource {
  type: string;
  id?: string;
  outputs?: Record<string, unknown>;
}

/** Runs Pulumi and returns what it wrote. A SetupError carries Pulumi's own words. */
export async function pulumi({ bin, env }: Demo, args: string[]): Promise<string> {
  const ran = await execa(join(bin, "pulumi"), [...args, "--non-interactive"], {
    cwd: projectFolder,
    env,
    reject: false,
  });
  if (ran.failed) throw new SetupError(`pulumi ${args.join(" ")} failed:\n${ran.stderr || ran.stdout}`);
  return ran.stdout;
}

/** Makes the demo's stack and its config where they are missing; what is there stays as it is. */
export async function ensureStack(demo: Demo): Promise<string> {
  const fresh = !existsSync(stackFile);
  await pulumi(demo, ["stack", "select", STACK, "--create"]);
  if (!(await pulumi(demo, ["config", "--stack", STACK, "--json"])).includes("activeColor")) {
    const pairs = Object.entries(CONFIG).flatMap(([key, text]) => ["--plaintext", `${key}=${text}`]);
    await pulumi(demo, ["config", "set-all", "--stack", STACK, "--path", ...pairs]);
  }
  return fresh ? `made ${STACK}` : `${STACK} is there`;
}

/** The resources in the stack's state; none before the first `up`. */
export async function resources(demo: Demo): Promise<StateResource[]> {
  const state = JSON.parse(await pulumi(demo, ["stack", "export", "--stack", STACK])) as {
    deployment?: { resources?: StateResource[] };
  };
  return state.deployment?.resources ?? [];
}

interface Port {
  key: string;
  port: number;
  bind: string;
}

/**
 * Looks whether the stack's ports are free, where Docker is on this machine.
 *
 * @throws SetupError that names a port in use and the config key that changes it, while nothing has been created
 */
export async function checkPorts(demo: Demo): Promise<void> {
  const config = JSON.parse(await pulumi(demo, ["config", "--stack", STACK, "--json"])) as Record<
    string,
    { value: string }
  >;
  if (remoteHost(config["docker:host"]?.value ?? demo.env["DOCKER_HOST"])) return;
  const own = JSON.parse(config["blue-green:loadBalancer"]?.value ?? "{}") as {
    port?: number;
    stagingPort?: number;
    metricsPort?: number;
    scale?: number;
    bind?: string;
  };
  const metrics = Number(own.metricsPort ?? 8404);
  const ports: Port[] = [
    { key: "loadBalancer.port", port: Number(own.port ?? 80), bind: own.bind ?? "0.0.0.0" },
    { key: "loadBalancer.stagingPort", port: Number(own.stagingPort ?? 8081), bind: "127.0.0.1" },
    ...Array.from({ length: Number(own.scale ?? 2) }, (_, index) => ({
      ...{ key: "loadBalancer.metricsPort", port: metrics + index, bind: "127.0.0.1" },
    })),
  ];
  const held = (await resources(demo)).flatMap(
    ({ outputs }) => (outputs?.["ports"] as { external?: number }[] | undefined) ?? [],
  );
  for (const { key, port, bind } of ports) {
    if (held.some(({ external }) => external === port) || (await isFree(port, bind))) continue;
    throw new SetupError(
      `port ${port} is in use (${key}). Stop what uses it, or take another:\n` +
        `  eval "$(npm run -s activate)"\n  pulumi config set --stack ${STACK} --path ${key} ${port + 100}\nthen run npm start again.`,
    );
  }
}

/** Whether a listener could be opened. What this asks cannot tell (a name or address that is not ours) counts as free. */
export const isFree = (port: number, host: string) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** `pulumi up`, with every change of a resource as a line. */
export async function up({ bin, env }: Demo, say: Say): Promise<void> {
  const run = execa(
    join(bin, "pulumi"),
    ["up", "--yes", "--skip-preview", "--non-interactive", "--color=never", "--stack", STACK],
    {
      cwd: projectFolder,
      env,
      reject: false,
      all: true,
    },
  );
  for await (const line of createInterface({ input: run.all! })) {
    const text = line.trim();
    if (text && !text.startsWith("@")) say(text);
  }
  const { failed, all } = await run;
  if (failed) throw new SetupError(`pulumi up failed:\n${all!.slice(all!.indexOf("Diagnostics:"))}`);
}

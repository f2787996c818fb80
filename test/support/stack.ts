import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { execa, type ExecaChildProcess } from "execa";
import { parseDocument } from "yaml";
import { SHARE_FILE } from "../../haproxy/config/names";
import type { Color } from "../../model/color";
import { locate } from "../../scripts/engine/layout";
import { engineVariables } from "../../scripts/engine/variables";
import { freePort, freePorts } from "../../scripts/common/freePort";
import type { Share } from "../../model/share";
import { stuckNetworks } from "./stuckNetworks";

const project = join(__dirname, "..", "..");

/** What a command said. */
export interface Ran {
  code: number;
  /** Both outputs. */
  all: string;
  out: string;
}

/** Pulumi's type of a Docker network. */
const NETWORK = "docker:index/network:Network";

/** A step of `pulumi preview --json`. */
export interface PreviewStep {
  op: string;
  urn: string;
  diffReasons?: string[];
  detailedDiff?: Record<string, { kind: string }>;
}

/** A resource in a stack's state. */
interface Resource {
  type: string;
  urn: string;
  id: string;
  /** Whether `destroy` leaves it in Docker. */
  retainOnDelete?: boolean;
}

/** Waits until something is so, for at most this many milliseconds. */
export async function until(so: () => boolean | Promise<boolean>, timeout = 10_000): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await so())) {
    if (Date.now() > deadline) throw new Error(`it did not become so in ${timeout / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Waits until a running command has written something.
 *
 * @throws Error with all that it wrote if it ends without
 */
export const wrote = (run: ExecaChildProcess, what: RegExp) =>
  new Promise<void>((resolve, reject) => {
    let seen = "";
    run.all!.on("data", (data: Buffer) => what.test((seen += data.toString())) && resolve());
    void run.then(() => reject(new Error(`it ended without ${what}:\n${seen}`)));
  });

function succeeded(args: string[], ran: Ran): Ran {
  if (ran.code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${ran.code}:\n${ran.all}`);
  return ran;
}

/** A stack of its own: name, ports, backend and config file belong to one test file. It is driven by the real CLI. */
export class TestStack {
  /** @param folder of the program */
  constructor(private readonly folder = project) {}

  /** Policies judge it as dev: the demo's images have no digest. */
  readonly name = `dev-t-${randomBytes(4).toString("hex")}`;
  /** The Docker on which its containers are; this machine's, unless a test says otherwise. */
  docker = new Docker();
  private readonly backend = mkdtempSync(join(tmpdir(), "bluegreen-"));
  production = "";
  staging = "";
  env: Record<string, string | undefined> = {
    PULUMI_BACKEND_URL: `file://${this.backend}`,
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...engineVariables(),
  };

  /** Makes the stack with the demo's pair, green v1 live and blue v2.1 waiting, and sets these keys besides. */
  static async create(config: Record<string, string> = {}): Promise<TestStack> {
    const stack = new TestStack();
    const [port, stagingPort, metricsPort] = [await freePort(), await freePort(), await freePorts(3)];
    stack.production = `http://127.0.0.1:${port}`;
    stack.staging = `http://127.0.0.1:${stagingPort}`;
    await stack.must(["stack", "init", stack.name, "--no-select"]);
    await stack.setAll({
      ...{ activeColor: "green", image: "bluegreen-demo", "app.health.path": "/health" },
      ...{ "blue.tag": "v2.1", "blue.scale": "3", "green.tag": "v1", "green.scale": "3" },
      ...{ "loadBalancer.port": String(port), "loadBalancer.stagingPort": String(stagingPort) },
      "loadBalancer.metricsPort": String(metricsPort),
      ...config,
    });
    return stack;
  }

  /** Starts a Pulumi command and returns at once. */
  start(args: string[], env: Record<string, string | undefined> = {}): ExecaChildProcess {
    const all = args[0] === "stack" ? args : [...args, "--stack", this.name];
    return execa(join(locate().bin, "pulumi"), [...all, "--non-interactive", "--color=never"], {
      ...{ cwd: this.folder, reject: false, all: true, extendEnv: false },
      env: Object.fromEntries(
        Object.entries({ ...process.env, ...this.env, ...env }).filter(([, text]) => text !== undefined),
      ),
    });
  }

  /** Runs a Pulumi command to its end. */
  async pulumi(args: string[], env: Record<string, string | undefined> = {}): Promise<Ran> {
    const { exitCode, all, stdout } = await this.start(args, env);
    return { code: exitCode, all: all ?? "", out: stdout };
  }

  /** Runs a Pulumi command that has to succeed. */
  async must(args: string[]): Promise<Ran> {
    return succeeded(args, await this.pulumi(args));
  }

  /** Runs one of the npm scripts on this stack, as its user would. */
  async script(file: string, args: string[] = []): Promise<Ran> {
    const named = args[0] !== undefined && !args[0].startsWith("-") ? [args[0]] : []; // a command of Pulumi's comes first
    const { exitCode, all, stdout } = await execa(
      process.execPath,
      [join("scripts", "run.mjs"), file, ...named, "--stack", this.name, ...args.slice(named.length)],
      { cwd: project, reject: false, all: true, env: this.env },
    );
    return { code: exitCode, all: all ?? "", out: stdout };
  }

  /** What the config file says of a key of the program, as `--path` takes it. */
  configured(key: string): unknown {
    return parseDocument(readFileSync(this.configFile, "utf8")).getIn(["config", ...`blue-green:${key}`.split(".")]);
  }

  private get configFile(): string {
    return join(this.folder, `Pulumi.${this.name}.yaml`);
  }

  async set(key: string, text: string): Promise<void> {
    await this.setAll({ [key]: text });
  }

  /** Writes the config file as `pulumi config set --path` would, in a tenth of its time. Lists and maps as JSON. */
  async setAll(config: Record<string, string>): Promise<void> {
    const document = parseDocument(readFileSync(this.configFile, "utf8"));
    for (const [key, text] of Object.entries(config)) {
      const [first, ...rest] = key.split(".");
      const typed = rest.length > 0 && /^(-?\d+|true|false)$/.test(text);
      const value: unknown = typed || /^[[{]/.test(text) ? JSON.parse(text) : text;
      document.setIn(["config", `blue-green:${first}`, ...rest], value);
    }
    writeFileSync(this.configFile, document.toString());
  }

  /** `pulumi up`, after setting these keys. */
  async up(config: Record<string, string> = {}): Promise<Ran> {
    if (Object.keys(config).length > 0) await this.setAll(config);
    return this.must(["up", "--yes", "--skip-preview"]);
  }

  /** The steps that a preview would take, without what stays the same. */
  async preview(args: string[] = []): Promise<PreviewStep[]> {
    const { out } = await this.must(["preview", "--json", ...args]);
    const { steps } = JSON.parse(out) as { steps?: PreviewStep[] };
    return (steps ?? []).filter(({ op }) => op !== "same");
  }

  /** All that a container wrote. */
  async logs(id: string): Promise<string> {
    return (await execa("docker", ["logs", id], { all: true })).all ?? "";
  }

  async outputs(): Promise<Record<string, unknown>> {
    const { out } = await this.must(["stack", "output", "--json", "--stack", this.name]);
    return JSON.parse(out) as Record<string, unknown>;
  }

  /** The ids of the stack's own resources of a type, by name. */
  async ids(type: string): Promise<{ name: string; id: string }[]> {
    const resources = await this.resources();
    return resources
      .filter((resource) => resource.type === type)
      .map(({ urn, id }) => ({ name: urn.split("::").at(-1)!, id }))
      .sort((one, other) => one.name.localeCompare(other.name));
  }

  private async resources(): Promise<Resource[]> {
    const { out } = await this.must(["stack", "export", "--stack", this.name]);
    const state = JSON.parse(out) as { deployment: { resources?: Resource[] } };
    return state.deployment.resources ?? [];
  }

  /** The ids of a color's replicas, or of the proxies. */
  async containers(of: Color | "proxy"): Promise<string[]> {
    const all = await this.ids("docker:index/container:Container");
    const own = all.filter(({ name }) => name.startsWith(`web-${of}-`));
    return own.sort((one, other) => one.name.localeCompare(other.name)).map(({ id }) => id);
  }

  /** Runs a command in a container. */
  async inside(id: string, ...command: string[]): Promise<string> {
    const { stdout } = await execa("docker", ["exec", id, ...command], { reject: false });
    return stdout;
  }

  private async inDocker(type: string, id: string): Promise<unknown> {
    if (type === NETWORK) return this.docker.getNetwork(id).inspect();
    if (type === "docker:index/volume:Volume") return this.docker.getVolume(id).inspect();
    if (type === "docker:index/container:Container") return this.docker.getContainer(id).inspect();
    throw new Error(`${type} is not looked for in Docker`);
  }

  /** Sets the share in a proxy as somebody would by hand. */
  async setShareByHand(proxy: string, share: Share): Promise<void> {
    await this.inside(proxy, "control", `@1 set map ${SHARE_FILE} web ${share}`);
  }

  /**
   * `pulumi destroy`, without the networks that Docker would not let go before it starts again.
   *
   * @returns the ids of these
   */
  private async destroy(): Promise<string[]> {
    const command = ["destroy", "--yes", "--skip-preview"];
    const left: string[] = [];
    for (;;) {
      const ran = await this.pulumi(command);
      const networks = ran.code === 0 ? [] : (await this.resources()).filter(({ type }) => type === NETWORK);
      const stuck = await stuckNetworks(this.docker, networks);
      if (stuck.length === 0) {
        succeeded(command, ran);
        return left;
      }
      for (const { urn, id } of stuck) {
        console.log(`      Docker miscounted the endpoints of network ${id}: it stays until dockerd starts again`);
        await this.must(["state", "delete", urn, "--yes"]);
        left.push(id);
      }
    }
  }

  /**
   * Takes everything away, whatever the test left, and the volumes that `pulumi destroy` leaves on purpose.
   *
   * @throws Error if that left another volume, a container or a network of the stack in Docker, unless Docker keeps a network
   *         for no reason
   */
  async remove(): Promise<void> {
    const had = await this.resources();
    const stuck = await this.destroy();
    const [kept, others] = [had.filter((one) => one.retainOnDelete), had.filter((one) => !one.retainOnDelete)];
    const gone = others.filter(({ id }) => !stuck.includes(id));
    await Promise.all(kept.map(({ id }) => this.docker.getVolume(id).remove()));
    const left = await Promise.allSettled(gone.map(({ type, id }) => this.inDocker(type, id)));
    if (left.some(({ status }) => status === "fulfilled")) throw new Error(`destroy left ${JSON.stringify(left)}`);
    await this.must(["stack", "rm", this.name, "--yes"]);
    rmSync(this.backend, { recursive: true, force: true });
    rmSync(this.configFile, { force: true });
  }
}

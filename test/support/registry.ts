import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { whereIs } from "../../scripts/common/packages";
import { unpacked } from "./debian";
import { DIES_WITH_US } from "./processes";
import { freePort } from "../../scripts/common/freePort";

/** bcrypt of {@link TestRegistry.password}. */
const HASH = "$2y$05$abcdefghijklmnopqrstuupWDwJQeCHYIBQy8WvkVB6ImhZ476YYy";

interface Options {
  /** Another address of this machine where it answers too, at the same port. */
  also?: string;
  /** Whether it asks for user and password. */
  login?: boolean;
}

/** Debian's `docker-registry`, with a login unless told otherwise, on a port of loopback, where Docker asks for no certificate. */
export class TestRegistry {
  readonly user = "shop";
  readonly password = "swordfish";
  /** What it was asked for, as `HEAD /v2/shop/manifests/v1`. */
  readonly requests: string[] = [];
  private readonly docker = new Docker();
  private readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-registry-"));
  /** One for each address; they share what was pushed. */
  private processes: ChildProcess[] = [];

  private constructor(
    readonly port: number,
    private readonly program: string,
    private readonly options: Options,
  ) {}

  static async create(options: Options = {}): Promise<TestRegistry> {
    const registry = new TestRegistry(await freePort(), whereIs("docker-registry") ? "docker-registry" : "", options);
    try {
      await registry.start();
      return registry;
    } catch (error) {
      await registry.remove();
      throw error;
    }
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The repository of {@link push}. */
  get repository(): string {
    return `${this.host}/shop`;
  }

  async start(): Promise<void> {
    const program = this.program || (await unpacked("docker-registry", this.folder));
    writeFileSync(join(this.folder, "users"), `${this.user}:${HASH}\n`);
    const { also } = this.options;
    for (const host of [this.host, ...(also ? [`${also}:${this.port}`] : [])]) await this.serve(program, host);
  }

  private async serve(program: string, host: string): Promise<void> {
    const { login = true } = this.options;
    const path = (name: string) => join(this.folder, name);
    const config = {
      ...{ version: 0.1, log: { level: "error" }, http: { addr: host } },
      storage: { filesystem: { rootdirectory: path("data") } },
      ...(login && { auth: { htpasswd: { realm: "test", path: path("users") } } }),
    };
    writeFileSync(path(`${host}.yml`), JSON.stringify(config));
    const [first, ...rest] = [...DIES_WITH_US, program, "serve", path(`${host}.yml`)] as const;
    const child = spawn(first, rest, { stdio: ["ignore", "pipe", "pipe"] });
    this.processes.push(child);
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) =>
        this.requests.push(...(data.toString().match(/(?:HEAD|GET) \/v2\S+/g) ?? [])),
      );
    for (let attempt = 0; !(await answers(`http://${host}/v2/`, login ? 401 : 200)); attempt++) {
      if (attempt === 100) throw new Error(`docker-registry does not answer at ${host}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends the registry; what was pushed stays. */
  async stop(): Promise<void> {
    const running = this.processes.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && !signalCode);
    await Promise.all(
      running.map((process) => {
        const ended = new Promise((resolve) => process.once("exit", resolve));
        process.kill();
        return ended;
      }),
    );
  }

  /**
   * Pushes an image of the demo, and takes it off this Docker again.
   *
   * @returns its digest, `sha256:…`
   */
  push = (tag: string, from = tag): Promise<string> => this.pushAs(`bluegreen-demo:${from}`, `shop:${tag}`);

  /**
   * Pushes an image as `repository:tag`, and takes it off this Docker again.
   * Each is an image of its own, since Docker would tell its digest of the other's too.
   *
   * @returns its digest, `sha256:…`
   */
  async pushAs(from: string, as: string): Promise<string> {
    const [repository, tag] = as.split(":") as [string, string];
    const repo = `${this.host}/${repository}`;
    const container = await this.docker.createContainer({ Image: from });
    await container.commit({ repo, tag, changes: `LABEL test=${randomBytes(8).toString("hex")}` });
    await container.remove();
    const image = this.docker.getImage(`${repo}:${tag}`);
    const stream = await image.push({ authconfig: { username: this.user, password: this.password } });
    const lines = await new Promise<{ aux?: { Digest?: string }; error?: string }[]>((resolve, reject) =>
      this.docker.modem.followProgress(stream, (error, all) => (error ? reject(error) : resolve(all))),
    );
    await image.remove();
    const digest = lines.find(({ aux }) => aux?.Digest)?.aux?.Digest;
    if (!digest) throw new Error(`push of ${as} failed: ${lines.find(({ error }) => error)?.error}`);
    return digest;
  }

  /** Stops it for good, and takes its images off this Docker. */
  async remove(): Promise<void> {
    await this.stop();
    for (const { Id, RepoTags, RepoDigests } of await this.docker.listImages())
      if ([...(RepoTags ?? []), ...(RepoDigests ?? [])].some((name) => name.startsWith(`${this.host}/`)))
        await this.docker.getImage(Id).remove({ force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const answers = (url: string, expected: number) =>
  fetch(url).then(
    ({ status }) => status === expected,
    () => false,
  );

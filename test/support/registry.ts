import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { whereIs } from "../../scripts/common/packages";
import { unpacked } from "./debian";
import { freePort } from "../../scripts/common/freePort";

/** bcrypt of {@link TestRegistry.password}. */
const HASH = "$2y$05$abcdefghijklmnopqrstuupWDwJQeCHYIBQy8WvkVB6ImhZ476YYy";

/** Debian's `docker-registry` with a login, on a port of loopback, where Docker asks for no certificate. */
export class TestRegistry {
  readonly user = "shop";
  readonly password = "swordfish";
  /** What it was asked for, as `HEAD /v2/shop/manifests/v1`. */
  readonly requests: string[] = [];
  private readonly docker = new Docker();
  private readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-registry-"));
  private process: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly program: string,
  ) {}

  static async create(): Promise<TestRegistry> {
    const registry = new TestRegistry(await freePort(), whereIs("docker-registry") ? "docker-registry" : "");
    await registry.start();
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The one repository in it. */
  get repository(): string {
    return `${this.host}/shop`;
  }

  async start(): Promise<void> {
    const path = (name: string) => join(this.folder, name);
    writeFileSync(path("users"), `${this.user}:${HASH}\n`);
    const config = {
      ...{ version: 0.1, log: { level: "error" }, http: { addr: this.host } },
      storage: { filesystem: { rootdirectory: path("data") } },
      auth: { htpasswd: { realm: "test", path: path("users") } },
    };
    writeFileSync(path("config.yml"), JSON.stringify(config));
    const program = this.program || (await unpacked("docker-registry", this.folder));
    this.process = spawn(program, ["serve", path("config.yml")], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.on("data", (data: Buffer) =>
        this.requests.push(...(data.toString().match(/(?:HEAD|GET) \/v2\S+/g) ?? [])),
      );
    for (let attempt = 0; !(await answers(`http://${this.host}/v2/`)); attempt++) {
      if (attempt === 100) throw new Error(`docker-registry does not answer at ${this.host}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Ends the registry; what was pushed stays. */
  async stop(): Promise<void> {
    const { process } = this;
    if (!process) return;
    this.process = undefined;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill();
    await ended;
  }

  /**
   * Pushes an image of the demo, and takes it off this Docker again.
   * Each is an image of its own, since Docker would tell its digest of the demo's too.
   *
   * @returns its digest, `sha256:…`
   */
  async push(tag: string, from = tag): Promise<string> {
    const container = await this.docker.createContainer({ Image: `bluegreen-demo:${from}` });
    await container.commit({ repo: this.repository, tag, changes: `LABEL test=${randomBytes(8).toString("hex")}` });
    await container.remove();
    const image = this.docker.getImage(`${this.repository}:${tag}`);
    const stream = await image.push({ authconfig: { username: this.user, password: this.password } });
    const lines = await new Promise<{ aux?: { Digest?: string }; error?: string }[]>((resolve, reject) =>
      this.docker.modem.followProgress(stream, (error, all) => (error ? reject(error) : resolve(all))),
    );
    await image.remove();
    const digest = lines.find(({ aux }) => aux?.Digest)?.aux?.Digest;
    if (!digest) throw new Error(`push of ${tag} failed: ${lines.find(({ error }) => error)?.error}`);
    return digest;
  }

  /** Stops it for good, and takes its images off this Docker. */
  async remove(): Promise<void> {
    await this.stop();
    for (const { Id, RepoTags, RepoDigests } of await this.docker.listImages())
      if ([...(RepoTags ?? []), ...(RepoDigests ?? [])].some((name) => name.startsWith(this.repository)))
        await this.docker.getImage(Id).remove({ force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const answers = (url: string) =>
  fetch(url).then(
    ({ status }) => status === 401,
    () => false,
  );

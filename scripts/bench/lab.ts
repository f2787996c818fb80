import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import { pack } from "tar-stream";
import { lastLines, exec } from "../../docker/containers";

/** The image with the load, the replicas and the peers. */
export const BENCH_IMAGE = "bluegreen-bench:1";
/** Replicas of each color. */
const REPLICAS = ["1", "2"];

/** nginx answers 250 bytes from memory, and names its color: the least that an application can cost. */
const REPLICA = (color: string) => `worker_processes 2; worker_rlimit_nofile 20000; daemon off; pid /tmp/pid;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 10000000; keepalive_timeout 75s; client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/1; fastcgi_temp_path /tmp/2; uwsgi_temp_path /tmp/3; scgi_temp_path /tmp/4;
  server { listen 80 reuseport; location / { add_header X-Bluegreen-Color ${color}; return 200 "${"0123456789".repeat(25)}"; } }
}`;

/** How a container is made; the rest is Docker's default. */
export interface Recipe {
  image: string;
  command?: string[];
  entrypoint?: string[];
  env?: string[];
  /** Files that are written into it before it starts: their paths with what is in them. Programs may be run. */
  files?: Record<string, string | Buffer>;
  user?: string;
  host?: Docker.HostConfig;
  aliases?: string[];
}

/** Puts files into a container, of the proxies' user. */
export async function putFiles(
  container: Docker.Container,
  folder: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  if (Object.keys(files).length === 0) return;
  const archive = pack();
  for (const [path, content] of Object.entries(files)) {
    const mode = typeof content === "string" ? 0o644 : 0o755;
    archive.entry({ name: path.replace(/^\//, ""), uid: 1002, gid: 1002, mode }, content);
  }
  archive.finalize();
  await container.putArchive(await buffer(archive), { path: folder });
}

/** For wrk: each connection pauses before each request, by chance for up to twice the mean. Milliseconds. */
const pauses = (connections: number, perSecond: number) =>
  `math.randomseed(os.time()) function delay() return math.random(0, ${Math.round((2_000 * connections) / perSecond)}) end`;

/** A network with replicas of both colors and a container that sends load; all of it goes with {@link remove}. */
export class Lab {
  readonly name = `bench-${randomBytes(3).toString("hex")}`;
  private readonly made: Docker.Container[] = [];
  private readonly volumes: string[] = [];
  private network?: Docker.Network;
  private wrk?: Docker.Container;
  private removed = false;

  /** @param socket the path of Docker's socket on this machine */
  constructor(
    readonly docker: Docker,
    readonly socket: string,
  ) {}

  async start(): Promise<this> {
    this.network = await this.docker.createNetwork({ Name: this.name });
    for (const color of ["blue", "green"])
      for (const number of REPLICAS)
        await this.run(`${color}-${number}`, {
          ...{ image: BENCH_IMAGE, user: "1000:1000", env: [`CONFIG=${REPLICA(color)}`] },
          command: ["sh", "-c", `printf '%s' "$CONFIG" > /tmp/nginx.conf; exec nginx -e /dev/null -c /tmp/nginx.conf`],
        });
    this.wrk = await this.run("wrk", { image: BENCH_IMAGE, command: ["sleep", "1d"], host: { Init: true } });
    return this;
  }

  /** The names of a color's replicas on the network. */
  replicas = (color: string) => REPLICAS.map((number) => `${this.name}-${color}-${number}`);

  /** A volume of its own. */
  volume(name: string): string {
    const full = `${this.name}-${name}`;
    this.volumes.push(full);
    return full;
  }

  /** Makes a container and starts it. */
  async run(name: string, recipe: Recipe): Promise<Docker.Container> {
    const container = await this.create(name, recipe);
    await container.start();
    return container;
  }

  /** Makes a container that somebody else starts. */
  async create(name: string, recipe: Recipe): Promise<Docker.Container> {
    const { image, command, entrypoint, env, user, host, aliases, files = {} } = recipe;
    const container = await this.docker.createContainer({
      ...{
        name: `${this.name}-${name}`,
        Image: image,
        Env: env ?? [],
        HostConfig: { NetworkMode: this.name, ...host },
      },
      ...(command && { Cmd: command }),
      ...(entrypoint && { Entrypoint: entrypoint }),
      ...(user && { User: user }),
      NetworkingConfig: { EndpointsConfig: { [this.name]: { Aliases: aliases ?? [] } } },
    });
    this.made.push(container);
    if (this.removed) await this.remove(); // something beside it failed meanwhile
    await putFiles(container, "/", files);
    return container;
  }

  /** Where a container is on the network. */
  async addressOf(container: Docker.Container): Promise<string> {
    const { NetworkSettings } = await container.inspect();
    return NetworkSettings.Networks[this.name]?.IPAddress ?? "";
  }

  /**
   * Sends load from inside the network, as much as it can.
   *
   * @param perSecond about so many requests, at moments by chance. Default: no limit
   * @returns what wrk printed
   */
  async load(url: string, connections: number, seconds: number, perSecond?: number): Promise<string> {
    const script = perSecond === undefined ? "" : pauses(connections, perSecond);
    const command = `printf '%s' "$1" > /tmp/pace.lua; exec wrk -t1 -c${connections} -d${seconds}s --latency -s /tmp/pace.lua "$2"`;
    const { out, err } = await exec(this.docker, this.wrk!.id, ["sh", "-c", command, "sh", script, url]);
    return out + err;
  }

  /** Runs a command in a container. @throws Error with what it said if it fails */
  async inside(container: Docker.Container, ...command: string[]): Promise<string> {
    const { code, out, err } = await exec(this.docker, container.id, command);
    if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${err || out}`);
    return out + err;
  }

  /** What a command in a container of its own says. */
  async said(image: string, entrypoint: string[]): Promise<string> {
    const container = await this.create(`said-${randomBytes(2).toString("hex")}`, { image, entrypoint });
    await container.start();
    await container.wait();
    return lastLines(this.docker, container.id, 50);
  }

  async remove(): Promise<void> {
    this.removed = true;
    await Promise.all(this.made.map((one) => one.remove({ force: true, v: true }).catch(() => undefined)));
    await this.network?.remove().catch(() => undefined);
    await Promise.all(
      this.volumes.map((name) =>
        this.docker
          .getVolume(name)
          .remove()
          .catch(() => undefined),
      ),
    );
  }
}

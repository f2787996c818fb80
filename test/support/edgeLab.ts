import { createHash, randomBytes } from "node:crypto";
import { request, Agent } from "node:http";
import { buffer, text } from "node:stream/consumers";
import Docker from "dockerode";
import { pack } from "tar-stream";
import { CONFIG_FOLDER, PROXY_ALIAS, PROXY_UID } from "../../haproxy/config/names";
import { mapValue, workersOf } from "../../haproxy/control/answers";
import { Volume } from "../../haproxy/control/volume";
import { exec, type FoundContainer } from "../../docker/containers";
import { turnText } from "../../model/turn";
import { buildOwnProxyImage, removeImages } from "./proxyImage";
import { until } from "./stack";

/** Where the proxies of edges ask each other. */
export const EDGES_PORT = 8_405;

/** A setting and when it was set, in milliseconds since 1970; without a time where none was stamped. */
export interface Stamped {
  value: number;
  at?: number;
}

const SITE = "web";
const lineOf = ({ value, at }: Stamped) => `${SITE} ${value}${at === undefined ? "" : `\nat ${at}`}`;
const turnAt = (since: number) =>
  turnText({ id: randomBytes(4).toString("hex"), kind: "update", share: 0, since: new Date(since).toISOString() });

/** A configuration that answers with its version and the share, or that it is closed. */
const configText = (version: string) => `
global
  stats socket /run/haproxy/worker.sock mode 600 level admin
defaults
  mode http
  timeout client 1m
  timeout http-request 1m
frontend production
  bind fd@3
  http-request return status 503 content-type text/plain string "closed" if { str(${SITE}),map(${CONFIG_FOLDER}/maintenance.map) -m str 1 }
  http-request return status 200 content-type text/plain lf-string "${version} %[str(${SITE}),map(${CONFIG_FOLDER}/share.map)]"
`;

/** What an edge's proxies tell others of a configuration. */
export const hashOf = (version: string) => createHash("sha256").update(configText(version)).digest("hex");

/** Several edges on one Docker: their proxies find each other on one network. */
export class EdgeLab {
  readonly docker = new Docker();
  readonly name = `edges-${randomBytes(4).toString("hex")}`;
  private readonly edges: TestEdge[] = [];
  private readonly made: Docker.Container[] = [];
  private images: string[] = [];

  async start(): Promise<this> {
    this.images = await buildOwnProxyImage();
    await this.docker.createNetwork({ Name: this.name });
    return this;
  }

  /** An edge with a holder, and a volume for so many proxies, none of which runs yet. */
  async edge(proxies = 1, env: string[] = [`EDGES_PORT=${EDGES_PORT}`]): Promise<TestEdge> {
    const edge = new TestEdge(this, `${this.name}-${this.edges.length}`, env);
    this.edges.push(edge);
    await edge.create(proxies, this.images[0]!);
    return edge;
  }

  async create(name: string, options: Docker.ContainerCreateOptions): Promise<Docker.Container> {
    const container = await this.docker.createContainer({ name, ...options });
    this.made.push(container);
    return container;
  }

  /** A container that the others take for the proxy of another edge, with a script of Node. */
  async fake(script: string, ...args: string[]): Promise<Docker.Container> {
    const container = await this.create(`${this.name}-fake-${randomBytes(2).toString("hex")}`, {
      Image: "bluegreen-demo:v1",
      Entrypoint: ["node", "-e", script, ...args],
      User: "0",
      HostConfig: { NetworkMode: this.name, Init: true },
      NetworkingConfig: { EndpointsConfig: { [this.name]: { Aliases: [PROXY_ALIAS] } } },
    });
    await container.start();
    return container;
  }

  /** Takes away all edges, so that the next test begins with none. */
  async clear(): Promise<void> {
    await Promise.all(this.made.splice(0).map((container) => container.remove({ force: true, v: true })));
    for (const edge of this.edges) await edge.removeVolumes();
  }

  async stop(): Promise<void> {
    await this.clear();
    await this.docker.getNetwork(this.name).remove();
    await removeImages(...this.images);
  }
}

/** One edge: a port that visitors reach, and its proxies. */
export class TestEdge {
  port = 0;
  private readonly proxies: Docker.Container[] = [];
  private readonly agent = new Agent();

  constructor(
    private readonly lab: EdgeLab,
    private readonly name: string,
    private readonly env: string[],
  ) {}

  async create(proxies: number, image: string): Promise<void> {
    const holder = await this.lab.create(`${this.name}-holder`, {
      Image: "bluegreen-holder:1",
      Cmd: ["production"],
      ExposedPorts: { "8080/tcp": {} },
      HostConfig: {
        Binds: [`${this.name}-fd:/run/fd`],
        NetworkMode: this.lab.name,
        PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
      },
    });
    await holder.start();
    const { NetworkSettings } = await holder.inspect();
    this.port = Number(NetworkSettings.Ports["8080/tcp"]![0]!.HostPort);
    for (let number = 1; number <= proxies; number++) this.proxies.push(await this.proxy(number, image));
  }

  private proxy(number: number, image: string): Promise<Docker.Container> {
    return this.lab.create(`${this.name}-proxy-${number}`, {
      Image: image,
      Env: ["LISTENERS=production", ...this.env],
      HostConfig: {
        ReadonlyRootfs: true,
        Binds: [`${this.name}-fd:/run/fd:ro`, `${this.name}:${CONFIG_FOLDER}`],
        Tmpfs: { "/run/haproxy": "uid=1002,gid=1002,mode=700,size=1m" },
        NetworkMode: this.lab.name,
      },
      NetworkingConfig: { EndpointsConfig: { [this.lab.name]: { Aliases: [PROXY_ALIAS] } } },
    });
  }

  /** Puts all files at once; before the proxies run. */
  async put(files: { version: string; since: number; share: Stamped; maintenance?: Stamped }): Promise<void> {
    const archive = pack();
    const owned = { uid: PROXY_UID, gid: PROXY_UID, mtime: new Date(files.since + 1_000) };
    const bodies = {
      "haproxy.cfg": configText(files.version),
      turn: turnAt(files.since),
      "share.map": `${lineOf(files.share)}\n`,
      "maintenance.map": `${lineOf(files.maintenance ?? { value: 0, at: files.since })}\n`,
    };
    for (const [name, body] of Object.entries(bodies)) archive.entry({ name, ...owned }, body);
    archive.finalize();
    await this.proxies[0]!.putArchive(await buffer(archive), { path: CONFIG_FOLDER });
  }

  /** Has its first proxy fail to write the share, by a folder of the name that the text would have at first. */
  async blockWrites(): Promise<void> {
    const archive = pack();
    archive.entry({ name: this.beside, type: "directory", uid: PROXY_UID, gid: PROXY_UID });
    archive.finalize();
    await this.proxies[0]!.putArchive(await buffer(archive), { path: CONFIG_FOLDER });
  }

  allowWrites = () => this.inside(0, "rmdir", `${CONFIG_FOLDER}/${this.beside}`);

  private get beside(): string {
    return `share.map.${this.proxies[0]!.id.slice(0, 12)}`;
  }

  async start(): Promise<this> {
    await Promise.all(this.proxies.map((proxy) => proxy.start()));
    return this;
  }

  /** Ends its proxies at once, as a power cut does. */
  async kill(): Promise<void> {
    for (const proxy of this.proxies) await proxy.kill();
  }

  /** Cuts its proxies off from those of other edges. */
  async cut(): Promise<void> {
    for (const { id } of this.proxies) await this.network().disconnect({ Container: id });
  }

  async heal(): Promise<void> {
    for (const { id } of this.proxies)
      await this.network().connect({ Container: id, EndpointConfig: { Aliases: [PROXY_ALIAS] } });
  }

  private network = () => this.lab.docker.getNetwork(this.lab.name);

  /** The files, by way of one of its proxies, as an update has them. */
  private volume(proxy = 0): Volume {
    const { id } = this.proxies[proxy]!;
    const container: FoundContainer = { id, name: this.name, running: true, restarting: false, status: "" };
    return new Volume(this.lab.docker, container, SITE);
  }

  /** Writes a map's file, and nothing else. */
  set = (map: "share" | "maintenance", to: Stamped) => this.volume().writeLine(`${map}.map`, lineOf(to));

  turn = (since: number) => this.volume().writeLine("turn", turnAt(since).trim());

  async configure(version: string): Promise<void> {
    const refused = await this.volume().writeConfig(configText(version), [{ name: "replicas.map", body: "" }]);
    if (refused !== undefined) throw new Error(refused);
  }

  /** Runs a command in one of its proxies. */
  async inside(proxy: number, ...command: string[]): Promise<string> {
    const { out, err } = await exec(this.lab.docker, this.proxies[proxy]!.id, command);
    return out + err;
  }

  read = (file: string) => this.inside(0, "cat", `${CONFIG_FOLDER}/${file}`);

  /** What a map says in each worker of each proxy. */
  async workers(map: "share" | "maintenance"): Promise<(number | undefined)[]> {
    const all: (number | undefined)[] = [];
    for (const proxy of this.proxies.keys())
      for (const { pid } of workersOf(await this.inside(proxy, "control", "show proc"))) {
        const shown = await this.inside(proxy, "control", `@!${pid} show map ${CONFIG_FOLDER}/${map}.map`);
        all.push(mapValue(shown, SITE));
      }
    return all;
  }

  /** What each of its proxies wrote. */
  async logs(): Promise<string[]> {
    const all = this.proxies.map((proxy) => proxy.logs({ stdout: true, stderr: true }));
    return (await Promise.all(all)).map((log) => log.toString());
  }

  /** Waits until each of its proxies has written something. */
  says = (what: RegExp) => until(async () => (await this.logs()).every((log) => what.test(log)), 30_000);

  /** What a visitor is answered on a connection of its own; undefined where there is no answer in this time, in milliseconds. */
  ask(timeout = 30_000): Promise<string | undefined> {
    return new Promise((resolve) => {
      const sent = request({ port: this.port, host: "127.0.0.1", agent: this.agent, timeout }, (response) => {
        text(response).then(resolve, () => resolve(undefined));
      });
      sent.on("timeout", () => sent.destroy()).on("error", () => resolve(undefined));
      sent.end();
    });
  }

  answers = (what: string) => until(async () => (await this.ask()) === what, 30_000);

  /** How its first proxy is found by those of other edges. */
  get address(): string {
    return `${this.name}-proxy-1`;
  }

  async removeVolumes(): Promise<void> {
    for (const name of [this.name, `${this.name}-fd`])
      await this.lab.docker
        .getVolume(name)
        .remove()
        .catch(() => undefined);
  }
}

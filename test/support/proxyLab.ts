import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import Docker from "dockerode";
import { pack } from "tar-stream";
import { haproxyConfig } from "../../haproxy/config/config";
import { CONFIG_FOLDER, LOG_FOLDER, PROXY_ALIAS, REQUEST_LOG } from "../../haproxy/config/names";
import { routingPlan, type RoutingInputs } from "../../plan/routing";
import { loadBalancerPlan } from "../../plan/loadBalancer";
import { perColor, type PerColor } from "../../model/color";
import { LOAD_BALANCER_LABEL } from "../../model/labels";
import { exec } from "../../docker/containers";
import { haproxyInputs, slotFiles, versionedFiles } from "../../haproxy/control/files";
import { HaproxyBalancer } from "../../haproxy/control/balancer";
import { askReplica } from "../../haproxy/control/smokeRequest";
import type { ReplicaAnswer, ReplicaRequest } from "../../routing/executor/balancer";
import { selfSigned } from "../../routing/selfSigned";
import { Proxy } from "../../haproxy/control/proxy";
import { settingsOf, type Settings } from "../../settings/settings";
import { until } from "./stack";
import type { Slot } from "../../model/slot";

const HOLDERS = ["production", "staging", "metrics-1", "https"];
const SITE = "web";

/** What the lab's proxy is asked with. */
export const PREVIEW_KEY = "lab-preview-key";
export const METRICS_PASSWORD = "lab-password";

/**
 * Answers every request with the very bytes of its head, one connection after the other. `/health` is 200; `/hold` is
 * never answered, `/status/503` with that, `/late/300` after so many milliseconds, `/early` after a hint; a request with `Upgrade`
 * gets 101 and its own bytes back. `/long?bytes=`, `/endless`, `/cut`, `/close` and `/garbage` are answered so.
 */
const ECHO = `
require("net").createServer((socket) => {
  let seen = Buffer.alloc(0), open = false;
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    if (open) return socket.write(data);
    seen = Buffer.concat([seen, data]);
    for (let end; !open && (end = seen.indexOf("\\r\\n\\r\\n")) >= 0; ) {
      const head = seen.subarray(0, end);
      seen = seen.subarray(end + 4);
      const text = head.toString("latin1"), [, path] = text.split(" ", 2);
      if (path.startsWith("/stall")) return socket.pause();
      if (path.startsWith("/hold")) continue;
      const [, status] = /^\\/status\\/(\\d+)/.exec(path) ?? [];
      if (status) { socket.write("HTTP/1.1 " + status + " So\\r\\nContent-Length: 0\\r\\n\\r\\n"); continue; }
      if (path.startsWith("/early")) socket.write("HTTP/1.1 103 Early Hints\\r\\nLink: </a.css>\\r\\n\\r\\n");
      const [, late] = /^\\/late\\/(\\d+)/.exec(path) ?? [];
      if (late) { setTimeout(() => socket.write("HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"), Number(late)); continue; }
      if (/^upgrade: websocket/im.test(text)) {
        open = true;
        const key = /^sec-websocket-key: (.*)$/im.exec(text)[1].trim();
        const accept = require("crypto").createHash("sha1").update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
        socket.write("HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Accept: " + accept + "\\r\\n\\r\\n");
        continue;
      }
      if (path === "/close") return socket.destroy();
      if (path === "/garbage") return socket.end("220 no HTTP at all\\r\\n\\r\\n");
      if (path === "/cut") return socket.end("HTTP/1.1 200 OK\\r\\nContent-Length: 100\\r\\n\\r\\nbegin");
      if (path === "/endless") {
        socket.write("HTTP/1.1 200 OK\\r\\n\\r\\n");
        const more = setInterval(() => socket.write("x".repeat(10_000)), 10);
        return void socket.on("close", () => clearInterval(more));
      }
      const long = Number(/^.long.bytes=(.*)/.exec(path)?.[1] ?? 0);
      if (long > 0) {
        socket.write("HTTP/1.1 200 OK\\r\\nContent-Length: " + long + "\\r\\n\\r\\n" + "x".repeat(long));
        continue;
      }
      const query = new URLSearchParams(path.split("?")[1] ?? "");
      const extra = [...query].filter(([name]) => /^x-|cache-control$/i.test(name)).map(([name, value]) => name.replace(/^x-/, "") + ": " + value + "\\r\\n").join("");
      const answer = Buffer.from("HTTP/1.1 200 OK\\r\\n" + extra + "Content-Type: application/octet-stream\\r\\nContent-Length: " + head.length + "\\r\\n\\r\\n");
      socket.write(Buffer.concat([answer, head]));
    }
  });
}).listen(80);
process.on("SIGTERM", () => process.exit(0));
`;

/** The settings of a site with one replica of each color, and these keys besides. */
export function labSettings(config: Record<string, unknown> = {}): Settings {
  const color = { tag: "v1", scale: 1, health: { path: "/health" } };
  const settings = settingsOf(
    { activeColor: "green", image: "bluegreen-demo", blue: color, green: color, ...config },
    new Set(),
  );
  if ("faults" in settings) throw new Error(settings.message);
  return settings;
}

/** Docker's output without its frames: each has eight bytes of head, of which the last four are the length. */
function unframed(raw: Buffer): string {
  let text = "";
  for (let at = 0; at + 8 <= raw.length; at += 8 + raw.readUInt32BE(at + 4))
    text += raw.toString("utf8", at + 8, at + 8 + raw.readUInt32BE(at + 4));
  return text;
}

/** One real proxy on sockets of real holders, with a replica for each color that echoes: the edge without Pulumi. */
export class ProxyLab {
  readonly docker = new Docker();
  private readonly name = `lab-${randomBytes(4).toString("hex")}`;
  private readonly made: Docker.Container[] = [];
  private readonly ports = new Map<string, number>();
  private network?: Docker.Network;
  private proxy?: Docker.Container;
  private pem = "";
  private more: Slot[] = [];

  /**
   * @param config the stack's config, as `settingsOf` takes it; `tls` is self-signed
   * @param more   the names of further replicas of blue
   */
  async start(config: Record<string, unknown> = {}, more: readonly string[] = []): Promise<this> {
    this.more = more.map((name) => ({ name, gated: true }));
    const settings = labSettings(config);
    this.network = await this.docker.createNetwork({ Name: this.name });
    this.pem = await selfSigned(["shop.test"]);
    for (const holder of HOLDERS) await this.holder(holder);
    for (const color of ["blue", "green"]) await this.run(color, "bluegreen-demo:v1", ["node", "-e", ECHO]);
    const { memory, openFiles, requestLog } = loadBalancerPlan(SITE, settings);
    const listeners = HOLDERS.slice(0, settings.tls ? 4 : 3);
    this.proxy = await this.create("proxy", "bluegreen-proxy:1", {
      Env: [`LISTENERS=${listeners.join(" ")}`, `LOG_SIZE=${requestLog.size}`, `LOG_FILES=${requestLog.files}`],
      Labels: { [LOAD_BALANCER_LABEL]: this.name },
      HostConfig: {
        Memory: memory * 2 ** 20,
        MemorySwap: memory * 2 ** 20,
        Ulimits: [{ Name: "nofile", Soft: openFiles, Hard: openFiles }],
        Binds: [`${this.name}:/run/fd:ro`],
        Tmpfs: { "/run/haproxy": "uid=1002,gid=1002,mode=700,size=1m" },
        NetworkMode: this.name,
      },
      NetworkingConfig: { EndpointsConfig: { [this.name]: { Aliases: [PROXY_ALIAS] } } },
    });
    await this.put(settings);
    await this.proxy.start();
    await until(async () => (await this.control("@1 show stat -1 4 -1")).match(/,green1,.*,UP,/) !== null, 30_000);
    return this;
  }

  /** The port on loopback of a listener. */
  port(holder: string): number {
    return this.ports.get(holder)!;
  }

  /** Another config, by a reload. */
  async reload(config: Record<string, unknown>): Promise<void> {
    await this.put(labSettings(config));
    const said = await this.control("reload");
    if (!said.includes("Success=1")) throw new Error(said);
  }

  /** Gives the master a command. */
  async control(command: string): Promise<string> {
    const { out, err } = await exec(this.docker, this.proxy!.id, ["control", command]);
    return out + err;
  }

  /** Asks the replica in a slot. */
  async ask(server: string, request: ReplicaRequest, signal: AbortSignal): Promise<ReplicaAnswer> {
    const color = server.startsWith("blue") ? "blue" : "green";
    const container = { id: this.proxy!.id, name: `${this.name}-proxy`, running: true, restarting: false, status: "" };
    return askReplica(this.docker, container, { color, server }, request, signal);
  }

  /** Ends the proxy. */
  stopProxy = (): Promise<unknown> => this.proxy!.kill();

  async inside(...command: string[]): Promise<string> {
    const { out, err } = await exec(this.docker, this.proxy!.id, command);
    return out + err;
  }

  /** The proxy as the balancer asks it. */
  asked(): Proxy {
    const { id } = this.proxy!;
    return new Proxy(this.docker, { name: "proxy", id, running: true, restarting: false, status: "Up" }, SITE);
  }

  /** Ends a color's replica. */
  async stopReplica(color: string): Promise<void> {
    await this.docker.getContainer(`${this.name}-${color}`).kill();
  }

  /** What HAProxy logged of requests, in its files. */
  async log(): Promise<string[]> {
    const text = await this.inside("sh", "-c", `cat ${LOG_FOLDER}/*/${REQUEST_LOG}`);
    return text.split("\n").filter((line) => line !== "");
  }

  /** What HAProxy wrote to its standard output, without its warnings. */
  async output(): Promise<string[]> {
    const text = unframed(await this.proxy!.logs({ stdout: true, stderr: false }));
    return text.split("\n").filter((line) => line !== "");
  }

  /** Runs a Node script in a container of its own on the holders' network, with an address of its own. */
  async client(script: string, ...args: string[]): Promise<Docker.Container> {
    return this.run(`client-${randomBytes(2).toString("hex")}`, "bluegreen-demo:v1", ["node", "-e", script, ...args]);
  }

  /** The name under which a client's script finds a holder; it listens on 8080. */
  host = (holder: string) => `${this.name}-${holder}`;

  /** All that a client printed, once it has ended. */
  async printed(client: Docker.Container): Promise<string> {
    await client.wait();
    return unframed(await client.logs({ stdout: true, stderr: true }));
  }

  async stop(): Promise<void> {
    for (const container of this.made.reverse())
      await container.remove({ force: true, v: true }).catch(() => undefined);
    await this.network?.remove();
    await this.docker.getVolume(this.name).remove();
  }

  /** The proxy as routing drives it. */
  balancer = () => new HaproxyBalancer(this.docker, this.name, SITE);

  /** What routing is given for these settings. */
  inputs(settings: Settings): RoutingInputs {
    const { selfSigned: own, secretRollout: _, ...plan } = routingPlan(SITE, settings);
    return {
      ...plan,
      certificates: settings.tls ? [...plan.certificates, ...(own ? [this.pem] : [])] : [],
      ...{ previewKey: PREVIEW_KEY, metricsPassword: METRICS_PASSWORD, holders: [], loadBalancer: this.name },
      proxies: [`${this.name}-proxy`],
      replicas: perColor((color) => [`${this.name}-${color}`]),
      networks: perColor(() => this.name),
      images: perColor((color) => color),
    };
  }

  private async put(settings: Settings): Promise<void> {
    const routing = this.inputs(settings);
    const slots: PerColor<Slot[]> = {
      blue: [{ name: `${this.name}-blue`, gated: true }, ...this.more],
      green: [{ name: `${this.name}-green`, gated: true }],
    };
    const files = [
      ...versionedFiles(routing),
      ...slotFiles(slots, SITE),
      { name: "haproxy.cfg", body: haproxyConfig(haproxyInputs(routing), slots, "lab") },
      { name: "share.map", body: `${SITE} ${routing.share}\n` },
      { name: "maintenance.map", body: `${SITE} ${Number(routing.maintenance)}\n` },
    ];
    const archive = pack();
    for (const { name, body } of files) archive.entry({ name, uid: 1002, gid: 1002, mode: 0o644 }, body);
    archive.finalize();
    await this.proxy!.putArchive(await buffer(archive), { path: CONFIG_FOLDER });
  }

  private async holder(name: string): Promise<void> {
    const container = await this.create(name, "bluegreen-holder:1", {
      Cmd: [name],
      ExposedPorts: { "8080/tcp": {} },
      HostConfig: {
        Binds: [`${this.name}:/run/fd`],
        NetworkMode: this.name,
        PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
      },
    });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    this.ports.set(name, Number(NetworkSettings.Ports["8080/tcp"]![0]!.HostPort));
  }

  private async run(name: string, image: string, entrypoint: string[]): Promise<Docker.Container> {
    const container = await this.create(name, image, {
      Entrypoint: entrypoint,
      User: "0",
      HostConfig: { NetworkMode: this.name, Init: true, Ulimits: [{ Name: "nofile", Soft: 16_384, Hard: 16_384 }] },
    });
    await container.start();
    return container;
  }

  private async create(name: string, image: string, options: object): Promise<Docker.Container> {
    const container = await this.docker.createContainer({ name: `${this.name}-${name}`, Image: image, ...options });
    this.made.push(container);
    return container;
  }
}

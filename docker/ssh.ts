import { spawn, type ChildProcessByStdio } from "node:child_process";
import http from "node:http";
import type { Socket } from "node:net";
import { Duplex, type Readable, type Writable } from "node:stream";
import { sshTarget, type Endpoint } from "./endpoint";

/** An endpoint that is reached by ssh. */
export type SshEndpoint = Extract<Endpoint, { kind: "ssh" }>;

/** How many connections are open at a time: sshd refuses some at random above ten that are not logged in yet. */
const MOST_CONNECTIONS = 4;

/** How long ssh's last words may take after its end, in milliseconds. */
const LAST_WORDS = 500;

const quoted = (text: string) => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * What `ssh` is given to reach a daemon: the same as the docker CLI and the Docker provider give it, so that an alias,
 * a key and a host key mean the same to all. `DOCKER_SSH_OPTS` holds more options, as for the provider.
 */
export function sshArguments(endpoint: SshEndpoint, options = process.env["DOCKER_SSH_OPTS"] ?? ""): string[] {
  const target = sshTarget(endpoint);
  const more = options.split(/\s+/).filter(Boolean);
  const timeout = options.includes("ConnectTimeout") ? [] : ["-o", "ConnectTimeout=30"];
  const socket = endpoint.path ? ` --host=unix://${quoted(endpoint.path)}` : "";
  return [...target.slice(0, -1), ...more, ...timeout, "-T", "--", endpoint.host, `docker${socket} system dial-stdio`];
}

/** Connections to a daemon through ssh, kept for the next request where Docker leaves them open. */
export class SshAgent extends http.Agent {
  /** @param name the endpoint as the user wrote it */
  constructor(
    private readonly name: string,
    private readonly endpoint: SshEndpoint,
  ) {
    super({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  }

  override createConnection(): Duplex {
    return new SshConnection(this.name, this.endpoint);
  }
}

/** One `ssh` process as a socket. */
class SshConnection extends Duplex {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private said = "";

  constructor(
    private readonly name: string,
    private readonly endpoint: SshEndpoint,
  ) {
    super();
    // In a session of its own it asks nothing at the terminal, and Ctrl-C does not reach it before it reaches us.
    this.child = spawn("ssh", sshArguments(endpoint), { stdio: ["pipe", "pipe", "pipe"], detached: true });
    const { stdin, stdout, stderr } = this.child;
    stdin.on("error", () => undefined); // its end says why
    stdout.on("data", (data: Buffer) => {
      if (!this.push(data)) stdout.pause();
    });
    stderr.on("data", (data: Buffer) => (this.said = (this.said + data.toString()).slice(-2_000)));
    this.child.on("error", (error: NodeJS.ErrnoException) => this.destroy(this.missing(error)));
    this.child.on("exit", (code, signal) => void this.ended(code, signal));
  }

  /**
   * An answer without a length ends where the connection ends. So that a cut one is not taken for a whole one, its end
   * is passed on only after ssh has said that all was well.
   */
  private async ended(code: number | null, signal: string | null): Promise<void> {
    const { stdout, stderr } = this.child;
    if (code === 0) {
      if (stdout.readableEnded) this.push(null);
      else stdout.once("end", () => this.push(null));
      return;
    }
    const silent = new Promise((resolve) => setTimeout(resolve, LAST_WORDS).unref());
    if (!stderr.closed) await Promise.race([new Promise((resolve) => stderr.once("close", resolve)), silent]);
    this.destroy(new Error(this.sentence(code, signal)));
  }

  private missing({ code, message }: NodeJS.ErrnoException): Error {
    const why = code === "ENOENT" ? "there is no ssh on the PATH" : message;
    return new Error(`Docker does not answer at ${this.name}: ${why}`);
  }

  private sentence(code: number | null, signal: string | null): string {
    const lines = this.said.split("\n").map((line) => line.trim());
    const last = lines.filter(Boolean).at(-1)?.replace(/\.$/, "");
    const why = last ?? `ssh ended with ${signal ?? code}`;
    return `Docker does not answer at ${this.name}: ${why}; try: ssh ${sshTarget(this.endpoint).join(" ")} docker version`;
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.child.kill();
    done(error);
  }

  /** An agent treats a connection as a socket, of which a process has only this: it may end while nobody needs it. */
  ref = () => this.held((one) => one.ref());
  unref = () => this.held((one) => one.unref());
  setKeepAlive = () => this;
  setNoDelay = () => this;
  setTimeout = () => this;

  private held(change: (one: { ref(): void; unref(): void }) => void): this {
    const { stdin, stdout, stderr } = this.child;
    for (const one of [this.child, stdin as Socket, stdout as Socket, stderr as Socket]) change(one);
    return this;
  }
}

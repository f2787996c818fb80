import { Duplex, PassThrough } from "node:stream";
import type Docker from "dockerode";
import { withTimeout } from "./call";

/** Of what a command complains, so much is kept, in characters. */
const COMPLAINT = 500;

/**
 * A command in a container as a connection: what is written goes to its standard input, and what it writes to its standard output is
 * read. To destroy it closes that input, and the command is to end then.
 *
 * @throws Error if Docker refuses
 */
export async function execStream(docker: Docker, id: string, command: string[]): Promise<ExecStream> {
  const attached = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
  const made = await withTimeout(docker, docker.getContainer(id).exec({ Cmd: command, ...attached }));
  const raw = await withTimeout(docker, made.start({ hijack: true, stdin: true }));
  return new ExecStream(docker, raw);
}

/** {@link execStream}'s connection. */
export class ExecStream extends Duplex {
  private readonly out = new PassThrough();
  private said = "";

  constructor(
    docker: Docker,
    private readonly raw: Duplex,
  ) {
    super();
    const complaints = new PassThrough();
    docker.modem.demuxStream(raw, this.out, complaints);
    this.out.on("data", (data: Buffer) => {
      if (!this.push(data)) this.out.pause();
    });
    this.out.on("end", () => this.push(null));
    complaints.on("data", (data: Buffer) => (this.said = (this.said + data.toString()).slice(-COMPLAINT)));
    raw.on("end", () => this.out.end());
    raw.on("close", () => this.out.end());
    raw.on("error", (error) => this.destroy(error));
  }

  /** What the command complained of. */
  get complaint(): string {
    return this.said.trim();
  }

  override _read(): void {
    this.out.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.raw.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.raw.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.raw.destroy();
    done(error);
  }
}

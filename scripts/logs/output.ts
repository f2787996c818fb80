import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type Docker from "dockerode";

/** Follows what containers write, each from the moment at which it is first named. */
export class Logs {
  private readonly followed = new Map<string, () => void>();

  constructor(
    private readonly docker: Docker,
    private readonly heard: (line: string) => void,
  ) {}

  /** Follows these containers and no others. */
  async follow(ids: readonly string[]): Promise<void> {
    for (const [id, end] of this.followed) if (!ids.includes(id)) end();
    await Promise.all(ids.filter((id) => !this.followed.has(id)).map((id) => this.open(id)));
  }

  /** Ends all. */
  close(): void {
    for (const end of this.followed.values()) end();
  }

  private async open(id: string): Promise<void> {
    const stream = (await this.docker
      .getContainer(id)
      .logs({ stdout: true, stderr: false, follow: true, tail: 0 })) as unknown as NodeJS.ReadableStream & {
      destroy: () => void;
    };
    const lines = new PassThrough();
    this.docker.modem.demuxStream(stream, lines, new PassThrough().resume());
    createInterface({ input: lines }).on("line", this.heard);
    const forget = () => void this.followed.delete(id);
    stream.on("end", forget).on("error", forget);
    this.followed.set(id, () => (forget(), stream.destroy()));
  }
}

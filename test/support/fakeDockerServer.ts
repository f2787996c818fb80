import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { execa } from "execa";
import { join } from "node:path";

/** How a Docker answers one request, such as `POST /build`; what is not named here is a 404. */
export type Answers = Record<string, (response: ServerResponse) => void>;

/** Answers with this status and JSON. */
export const json = (status: number, body: object) => (response: ServerResponse) => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

/** Answers with lines of progress, and then ends, or breaks off. */
export const progress =
  (all: object[], end: "well" | "broken" = "well") =>
  (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "application/json" });
    for (const line of all) response.write(`${JSON.stringify(line)}\n`);
    if (end === "well") response.end();
    else setTimeout(() => response.destroy(), 50);
  };

/** A Docker on loopback that has no images, and errs as it is told. */
export class FakeDockerServer {
  private constructor(private readonly server: Server) {}

  static async start(answers: Answers): Promise<FakeDockerServer> {
    const all: Answers = { "GET /version": json(200, { Version: "0.0.0", Arch: "amd64" }), ...answers };
    const server = createServer((request: IncomingMessage, response) => {
      const [path = ""] = (request.url ?? "").split("?");
      request.resume();
      (all[`${request.method} ${path}`] ?? json(404, { message: `no such thing: ${path}` }))(response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new FakeDockerServer(server);
  }

  get host(): string {
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** All that an npm script says when it meets this Docker, and its exit code. */
  async meets(script: string): Promise<{ code: number; all: string }> {
    const env = { DOCKER_HOST: this.host, DOCKER_TLS_VERIFY: "", DOCKER_CERT_PATH: "" };
    const cwd = join(__dirname, "..", "..");
    const run = await execa(process.execPath, ["scripts/run.mjs", script], { cwd, reject: false, all: true, env });
    return { code: run.exitCode, all: run.all ?? "" };
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

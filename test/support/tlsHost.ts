import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { execa } from "execa";

/** Where the machine's Docker listens. */
const SOCKET = /^unix:\/\/(.+)$/.exec(process.env.DOCKER_HOST ?? "")?.[1] ?? "/var/run/docker.sock";

/** A folder with an authority and what it vouches for: a server at an address and a client, as Docker names the files. */
export async function certificates(folder: string, address = "127.0.0.1"): Promise<void> {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execa("openssl", args, { cwd: folder });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  await openssl("req", "-x509", ...key, "-subj", "/CN=test authority", "-keyout", "ca-key.pem", "-out", "ca.pem");
  for (const [name, more] of [
    ["server", `subjectAltName=IP:${address}\nextendedKeyUsage=serverAuth`],
    ["client", "extendedKeyUsage=clientAuth"],
  ] as const) {
    const [prefix, request] = [name === "client" ? "" : "server-", `${name}.csr`];
    await openssl(
      "req",
      "-new",
      ...key.slice(0, -2),
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${prefix}key.pem`,
      "-out",
      request,
    );
    writeFileSync(path(`${name}.ext`), more);
    const by = ["-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-extfile", `${name}.ext`, "-days", "2"];
    await openssl("x509", "-req", "-in", request, ...by, "-out", `${prefix}cert.pem`);
  }
}

/** This machine's Docker behind TLS on loopback, for those that show the client's certificate. */
export class TlsHost {
  readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-tls-"));
  /** Certificates of another authority. */
  readonly stranger = mkdtempSync(join(tmpdir(), "bluegreen-tls-"));
  private readonly sockets = new Set<Socket>();
  private server?: Server;

  static async start(): Promise<TlsHost> {
    const host = new TlsHost();
    for (const folder of [host.folder, host.stranger]) await certificates(folder);
    await host.serve();
    return host;
  }

  /** What a process needs to find the host. */
  get env(): Record<string, string> {
    const { port } = this.server!.address() as AddressInfo;
    return { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_CERT_PATH: this.folder, DOCKER_TLS_VERIFY: "1" };
  }

  private async serve(): Promise<void> {
    const read = (name: string) => readFileSync(join(this.folder, name));
    const shown = { ca: read("ca.pem"), cert: read("server-cert.pem"), key: read("server-key.pem") };
    const server = createServer({ ...shown, requestCert: true, rejectUnauthorized: true }, (caller) => {
      const docker = connect(SOCKET);
      this.sockets.add(caller);
      for (const [from, to] of [
        [caller, docker],
        [docker, caller],
      ] as const)
        from
          .on("error", () => to.destroy())
          .on("close", () => (this.sockets.delete(from), to.destroySoon()))
          .pipe(to);
    });
    server.on("tlsClientError", () => undefined); // who asks is told
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  }

  /** Cuts every connection that is open now, and tells how many. */
  cut(): number {
    const all = [...this.sockets];
    for (const socket of all) socket.destroy();
    return all.length;
  }

  stop(): void {
    this.cut();
    this.server?.close();
    for (const folder of [this.folder, this.stranger]) rmSync(folder, { recursive: true, force: true });
  }
}

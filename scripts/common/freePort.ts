import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Whether a listener could be opened. What this asks cannot tell (a name or address that is not ours) counts as free. */
const isFree = (port: number, host: string) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

const HERE = "127.0.0.1";

/** A port of the host that nobody uses just now, and that no outgoing connection takes by chance. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(port, HERE)) return port;
  }
}

/** The first of some ports in a row that nobody uses just now. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const all = Array.from({ length: count }, (_, index) => isFree(first + index, HERE));
    if ((await Promise.all(all)).every(Boolean)) return first;
  }
}

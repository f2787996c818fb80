import { createServer } from "node:net";

/** Whether a listener could be opened. What this asks cannot tell (a name or address that is not ours) counts as free. */
export const isFree = (port: number, host: string) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

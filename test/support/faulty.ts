/** What may be wrong with a version once visitors are on it. Its health check passes, but for `flaps`. */
export type Fault =
  /** Each answer fails with this chance, in percent. */
  | { errors: number }
  /** Each answer takes so much longer, in milliseconds. */
  | { slow: number }
  /** One replica fails each request, once it was asked for `/break`. */
  | "oneReplica"
  /** Each replica ends some seconds after its start, in milliseconds. */
  | { crashAfter: number }
  /** The health check fails for some seconds now and then. */
  | "flaps"
  /** Nothing is wrong. */
  | "none";

/**
 * A site with one fault, as a program for node: it answers /health, /version and all other paths. A replica that was asked for
 * `/break` fails each other request.
 */
const SITE = `
const fault = JSON.parse(process.env.FAULT);
let broken = false;
const born = Date.now();
if (fault.crashAfter) setTimeout(() => process.exit(3), fault.crashAfter);
const server = require("http").createServer((request, response) => {
  const healthy = fault !== "flaps" || (Date.now() - born) % 12000 < 7000;
  if (request.url === "/break") return (broken = true), response.end("broken");
  if (request.url === "/health") return response.writeHead(healthy ? 200 : 500).end();
  const fails = fault.errors ? Math.random() * 100 < fault.errors : broken;
  setTimeout(() => response.writeHead(fails ? 500 : 200).end("faulty\\n"), fault.slow ?? 0);
});
server.keepAliveTimeout = 65000;
server.listen(80);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`
  .replaceAll(/\n\s*/g, " ") // a line: what Pulumi and we write of several lines in a stack's file is not the same
  .trim();

/** The config that gives a color this site, by whole keys as `TestStack.setAll` takes them. */
export const faulty = (color: "blue" | "green", fault: Fault): Record<string, string> => ({
  [`${color}.entrypoint`]: JSON.stringify(["node", "-e", SITE]),
  [`${color}.env`]: JSON.stringify({ FAULT: JSON.stringify(fault) }),
});

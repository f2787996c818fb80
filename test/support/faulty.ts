/** What may be wrong with a version once visitors are on it. Its health check passes, but for `flaps`. */
export type Fault =
  /** Each answer fails with this chance, in percent. */
  | { errors: number }
  /** Each answer takes so much longer, in milliseconds. */
  | { slow: number }
  /** The first replica fails each request. */
  | "oneReplica"
  /** Each replica ends some seconds after its start, in milliseconds. */
  | { crashAfter: number }
  /** The health check fails for some seconds now and then. */
  | "flaps"
  /** Nothing is wrong. */
  | "none";

/**
 * A site with one fault, as a program for node: it answers /health, /version and all other paths. Which replica it is, it
 * asks Docker's DNS.
 */
const SITE = `
const fault = JSON.parse(process.env.FAULT);
let first = false;
const ask = () => {
  for (const { address, internal } of Object.values(require("os").networkInterfaces()).flat())
    if (!internal) require("dns").reverse(address, (_, names) => {
      if (!names) return setTimeout(ask, 300);
      first ||= names.some((name) => /^web-\\w+-1-/.test(name));
    });
};
ask();
const born = Date.now();
if (fault.crashAfter) setTimeout(() => process.exit(3), fault.crashAfter);
const server = require("http").createServer((request, response) => {
  const healthy = fault !== "flaps" || (Date.now() - born) % 12000 < 7000;
  if (request.url === "/health") return response.writeHead(healthy ? 200 : 500).end();
  const fails = fault.errors ? Math.random() * 100 < fault.errors : fault === "oneReplica" && first;
  setTimeout(() => response.writeHead(fails ? 500 : 200).end("faulty\\n"), fault.slow ?? 0);
});
server.keepAliveTimeout = 65000;
server.listen(80);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

/** The config that gives a color this site, by whole keys as `TestStack.setAll` takes them. */
export const faulty = (color: "blue" | "green", fault: Fault): Record<string, string> => ({
  [`${color}.entrypoint`]: JSON.stringify(["node", "-e", SITE]),
  [`${color}.env`]: JSON.stringify({ FAULT: JSON.stringify(fault) }),
});

// What the demo answers, by path and method.
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { page } from "./page.mjs";

const version = process.env.DEMO_VERSION ?? "v1";
const host = hostname();
const broken = version === "broken";
let healthy = process.env.DEMO_HEALTH !== "fail";

const text = (response, status, body) =>
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }).end(body);

const json = (response, value) =>
  response
    .writeHead(200, { "content-type": "application/json", "cache-control": "no-store" })
    .end(`${JSON.stringify(value)}\n`);

/** A number from the query, kept between 0 and `max`. */
const number = (query, name, fallback, max) => {
  const value = Number(query.get(name) ?? fallback);
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), max) : fallback;
};

function home(_request, response) {
  response
    .writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
    .end(page({ version, host, healthy: healthy && !broken }));
}

function health(_request, response) {
  if (broken || !healthy) return text(response, 500, "unhealthy\n");
  text(response, 200, "ok\n");
}

const setHealth = (value) => (_request, response) => {
  healthy = value;
  text(response, 200, `${host} is ${value && !broken ? "healthy" : "unhealthy"} from now on\n`);
};

/** One answer, as late as the query says. */
async function slow(_request, response, query) {
  const ms = number(query, "ms", 3_000, 120_000);
  await wait(ms);
  text(response, 200, `${version} after ${ms} ms\n`);
}

/** A line every `interval` seconds, for `seconds`. */
async function stream(request, response, query) {
  const seconds = number(query, "seconds", 10, 3_600);
  const interval = Math.max(number(query, "interval", 1, 60), 0.01);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  if (request.method === "HEAD") return response.end();
  const began = performance.now();
  // Counted, not timed: a timer may fire a moment early.
  const ticks = Math.ceil(seconds / interval);
  for (let tick = 1; tick <= ticks && !response.destroyed; tick++) {
    response.write(`${version} ${host} ${tick}\n`);
    await wait(Math.max(began + Math.min(tick * interval, seconds) * 1_000 - performance.now(), 0));
  }
  response.end("end\n");
}

function echo(request, response) {
  response.writeHead(200, { "content-type": request.headers["content-type"] ?? "application/octet-stream" });
  request.pipe(response);
}

/** Counts what comes, however slowly. */
async function upload(request, response) {
  let bytes = 0;
  try {
    for await (const chunk of request) bytes += chunk.length;
  } catch {
    return; // The client went away: nobody is left to answer.
  }
  json(response, { version, host, bytes });
}

/** Reads the body to its end, so that the connection can be used again. */
function post(request, response) {
  request.resume().on("end", () => text(response, 200, `${version}\n`));
}

const demoVariables = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("DEMO_")));

/** Path → method → handler(request, response, query). */
export const routes = new Map([
  ["/", { GET: home, POST: post }],
  ["/version", { GET: (_request, response) => text(response, 200, `${version}\n`) }],
  ["/health", { GET: health }],
  ["/headers", { GET: ({ url, headers }, response) => json(response, { url, headers }) }],
  ["/whoami", { GET: (_request, response) => json(response, { version, host }) }],
  ["/env", { GET: (_request, response) => json(response, demoVariables()) }],
  ["/slow", { GET: slow, POST: slow }],
  ["/stream", { GET: stream }],
  ["/echo", { POST: echo }],
  ["/upload", { POST: upload, PUT: upload }],
  ["/fail", { POST: setHealth(false) }],
  ["/heal", { POST: setHealth(true) }],
]);

// The demo site: plain Node, one process, pid 1 of its container.
import { createServer } from "node:http";
import { routes } from "./routes.mjs";
import { openWebSocket } from "./websocket.mjs";

const port = Number(process.env.PORT ?? 80);
const startDelay = Number(process.env.DEMO_START_DELAY_MS ?? 0);
// One good-bye for each open websocket.
const goodbyes = new Set();

const server = createServer((request, response) => {
  const { pathname, searchParams } = pathOf(request);
  const route = routes.get(pathname);
  if (!route) return answer(response, 404, "there is no such page\n");
  const handler = route[request.method] ?? (request.method === "HEAD" ? route.GET : undefined);
  if (!handler) return answer(response, 405, "not by this method\n", { allow: Object.keys(route).join(", ") });
  handler(request, response, searchParams);
});

// Longer than any sane load balancer keeps an idle connection: it is never this side that hangs up first.
server.keepAliveTimeout = 65_000;
// A slow upload is a demo of its own, not an attack.
server.requestTimeout = 0;

server.on("upgrade", (request, socket, head) => {
  if (pathOf(request).pathname !== "/ws") return socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
  socket.unshift(head);
  const goodbye = openWebSocket(request, socket);
  goodbyes.add(goodbye);
  socket.on("close", () => goodbyes.delete(goodbye));
});

function pathOf(request) {
  // A target such as `//` must not bring the process down.
  return URL.parse(request.url, "http://demo") ?? { pathname: "", searchParams: new URLSearchParams() };
}

function answer(response, status, text, headers = {}) {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...headers }).end(text);
}

function leave() {
  if (!server.listening) process.exit(0);
  // Open requests finish, and the last one ends the process.
  server.close(() => process.exit(0));
  for (const goodbye of goodbyes) goodbye();
  // Connections that are idle now are closed at once; those that fall idle later must go too.
  setInterval(() => server.closeIdleConnections(), 50).unref();
}

// Pid 1 has no default signal handlers.
process.on("SIGTERM", leave);
process.on("SIGINT", leave);

const version = process.env.DEMO_VERSION ?? "v1";
// For `release.command`: this demo has no data to bring in line.
if (process.argv[2] === "migrate") {
  console.log(`demo ${version}: nothing to migrate`);
  process.exit(0);
}
setTimeout(() => server.listen(port, () => console.log(`demo ${version}: port ${server.address().port}`)), startDelay);

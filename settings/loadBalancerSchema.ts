import { z } from "zod";
import { freeHeader } from "./headers";
import { about, address, count, network, port, time, bool } from "./fields";
import { flag, listOf, matching, oneOf, size, value, integer, withDefault } from "./values";

const IMAGE = /^(?:[\w.-]+(?::\d{1,5})?\/)?[a-z0-9][a-z0-9._/-]*:\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?$/;
/** Not the root: what stands here hides the application's own page. */
const HEALTH_PATH = /^\/[\w\-.~][\w\-./~]{0,199}$/;

/** The load balancer itself: where it listens, of what it consists, what it tells. */
export const loadBalancer = z
  .strictObject({
    port: withDefault(port("The port of production.", "80")),
    bind: withDefault(
      value(
        about("The address of the host on which production listens.", "an IPv4 address", "0.0.0.0", "0.0.0.0"),
        address,
      ),
    ),
    stagingPort: withDefault(port("The port of staging, on loopback.", "8081")),
    metricsPort: withDefault(
      port("The port of the first proxy's metrics and statistics, on loopback; the others follow it.", "8404"),
    ),
    scale: withDefault(count("How many proxies share the load.", 1, 8, "2")),
    image: withDefault(
      value(
        about("The proxies' image.", "an image with its tag", "bluegreen-proxy:1", "bluegreen-proxy:1"),
        matching(IMAGE),
      ),
    ),
    colorHeader: withDefault(
      value(
        about(
          "The response header that names the color.",
          "the name of a header that has no other meaning, such as X-Color, or false for none",
          "X-Bluegreen-Color",
          "X-Bluegreen-Color",
        ),
        (raw) => (flag(raw) === false ? (false as const) : freeHeader(raw)),
      ),
    ),
    idleTimeout: withDefault(time("How long an idle connection of a visitor is kept.", "5s", 100)),
    trustedProxies: value(
      {
        ...about(
          "The load balancers or CDN in front of this one: their X-Forwarded headers are kept.",
          "a list of IPv4 addresses or networks",
          "10.0.0.0/8",
          "none",
        ),
        below: "[0]",
      },
      listOf(network),
    ).default([]),
    proxyProtocol: withDefault(bool("Whether the trusted proxies speak the PROXY protocol.", "false")),
    healthPath: value(
      about(
        "The path, under any host, on which production tells a load balancer in front whether it can serve.",
        "a path that starts with /, without a query",
        "/healthz",
        "none",
      ),
      matching(HEALTH_PATH),
    ).optional(),
    compression: withDefault(bool("Whether texts are compressed for clients that accept it.", "false")),
    log: z
      .strictObject({
        requests: withDefault(
          value(
            about("Which requests the proxies log, as JSON.", "all or errors", "errors", "all"),
            oneOf("all", "errors"),
          ),
        ),
        to: withDefault(
          value(
            about(
              "Where all requests are logged: in files for `npm run logs`, or as the proxies' output. What failed is always written to the output, too.",
              "files or output",
              "output",
              "files",
            ),
            oneOf("files", "output"),
          ),
        ),
        maxSize: withDefault(
          value(
            about(
              "The size at which a proxy's log file is rotated.",
              "a size with its unit, such as 10m",
              "10m",
              "10m",
            ),
            size,
          ),
        ),
        maxFiles: withDefault(count("How many log files are kept for each proxy.", 1, 100, "3")),
      })
      .prefault({}),
  })
  .prefault({});

const RATE = /^(\d{1,9})\/(\d{0,4})(s|m|h)$/;
const PERIODS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `100/10s`: so many requests in that time, in milliseconds. */
function rateOf(raw: unknown): { requests: number; period: number } | undefined {
  const [, requests, amount, unit] = RATE.exec(typeof raw === "string" ? raw : "") ?? [];
  const period = Number(amount || 1) * (PERIODS[unit ?? ""] ?? NaN);
  return Number(requests) > 0 && period >= 1_000 && period <= 86_400_000
    ? { requests: Number(requests), period }
    : undefined;
}

/** What one visitor, or one request, may take. */
export const limits = z
  .strictObject({
    connections: withDefault(count("Connections that one proxy serves at a time.", 100, 100_000, "4000")),
    clientConnections: withDefault(count("Connections of one client address to one proxy.", 1, 100_000, "500")),
    clientRequests: value(
      about(
        "Requests of one client address that one proxy handles at a time; more get 429.",
        "a whole number from 1 to 100000",
        "500",
        "half of `limits.replicaConnections`, at least 100",
      ),
      integer(1, 100_000),
    ).optional(),
    replicaConnections: withDefault(
      count("Requests that one proxy gives one replica at a time; more wait.", 1, 100_000, "1000"),
    ),
    queueTimeout: withDefault(time("How long a request waits for a replica.", "10s", 100)),
    headerTimeout: withDefault(time("How long the head of a request may take.", "10s", 100)),
    visitorTimeout: withDefault(time("How long a visitor may be silent in the middle of a request.", "60s", 100)),
    responseTimeout: withDefault(time("How long a replica may be silent while it owes an answer.", "60s", 100)),
    tunnelTimeout: withDefault(time("How long a websocket may be silent.", "1h", 1_000)),
    bodySize: withDefault(
      value(
        about(
          "The longest body that a request may announce.",
          "a size with its unit, such as 10m or 2g",
          "100m",
          "100m",
        ),
        size,
      ),
    ),
    rate: value(
      about(
        "Requests of one client address to one proxy; more get 429.",
        "a number and a time, such as 100/10s or 600/m",
        "100/10s",
        "no limit",
      ),
      rateOf,
    ).optional(),
  })
  .prefault({});

import fc from "fast-check";
import { keys } from "../../../settings/table";
import { ROLLOUT } from "./rollout";
import { SWARM } from "./swarm";
import { count, flag, list, size, text, texts, time, words, type Values } from "./values";

const SMALL = "abcdefghijklmnopqrstuvwxyz";
const LETTERS = SMALL + SMALL.toUpperCase();
const WORD = `${LETTERS}0123456789_`;

/** Texts that a container is given as they are: anything but a NUL. */
const anything: Values = {
  right: ["", " ", "plain", "ümläut ☃", "a\nb\tc", `"'$\\{}%#;|&\``, "x".repeat(10_000), 7, true],
  wrong: [{ x: "x" }, ["x"], null],
  any: fc.string({ unit: "grapheme", maxLength: 30 }).map((all) => all.replaceAll("\0", "")),
};

/** Where the first text names a program, or there is but an empty one. */
function programs(): Values {
  const all = list({ ...anything, right: ["plain", ...anything.right] }, (number) => `--flag=${number}`);
  return { ...all, right: [...all.right, [""]], wrong: [...all.wrong, ["", "plain"]] };
}

const host: Values = texts(
  [
    "a",
    "shop.example.com",
    "*.example.com",
    "xn--bcher-kva.example",
    `${"a".repeat(63)}.example`,
    `*.${"a.".repeat(125)}b`,
    "10.0.0.1",
    "a--b.c",
  ],
  ["", "shop.example.com/x", "Shop.example.com", "-a", "a-", "a..b", "*", "a.*.b", "a b", "shop.example.com:80"].concat(
    `${"a".repeat(64)}.example`,
    `*.${"a.".repeat(125)}bc`,
  ),
  fc.stringMatching(/^(\*\.)?[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?){0,3}$/),
);
const network: Values = texts(
  ["0.0.0.0/0", "10.0.0.0/8", "192.0.2.7", "255.255.255.255/32"],
  ["", "300.0.0.1", "10.0.0.0/33", "10.0.0", "::1", "10.0.0.0/8 ", "localhost"],
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
);
const tag = texts(
  ["v", "1.4.2", "_a.b-c", "v".repeat(128), `v1@sha256:${"a1".repeat(32)}`, 20261123 as never],
  ["", "v 1", "-v1", ".1", "v".repeat(129), "v1@sha256:short", 2 ** 60],
);
const repository = texts(
  ["a", "shop", "acme/shop", "registry.example.com/shop", "localhost:5000/a/b/c", "a__b--c.d", "R.example.com/x"],
  ["", "shop:v1", "Shop", "a//b", "/a", "a/", "a b", "-a"],
);
const volume = texts(
  [
    "data:/data",
    "d4.t_a-:/x",
    "/srv/files:/files:ro",
    "/:/host:rw",
    "data:/a b/ü",
    "v:/...",
    `${"v".repeat(100)}:/..a`,
  ],
  [
    "",
    "relative:path",
    "/data",
    "data:/data:xx",
    "./a:/b",
    "data:",
    "data:/",
    "data://",
    "data:/a/..",
    "data:/.:ro",
  ].concat(`${"v".repeat(101)}:/x`),
);

/** What cannot be said of a volume. */
const SAID = [
  ...["x", {}, null, true, { external: "yes" }, { external: false, name: "x1" }, { external: true, name: "-x" }],
  ...[{ external: true, name: "x" }, { external: true, driver: "local" }, { name: "x1" }],
];

/** Where a load balancer in front asks. */
const healthPath = text(`${WORD}-.~`, {
  start: "/",
  wrong: ["", "/", "up", "//a", "/a?b", "/a b", "/ü", "/a\n", `/${"a".repeat(201)}`],
});

const PRINTABLE = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join("");

/** The headers of a check. */
const headers: Values = {
  right: [
    {},
    { "X-Check": "1" },
    { a: PRINTABLE, B: "a b", Authorization: "x".repeat(1_000), N: 7 },
    Object.fromEntries(Array.from({ length: 5 }, (_, number) => [`X-${"n".repeat(61)}${number}`, "%".repeat(1_000)])),
    Object.fromEntries([..."abcde"].map((name) => [name.repeat(64), "'".repeat(1_000)])),
  ],
  wrong: [
    "x",
    ["x"],
    { Host: "x" },
    { "content-length": "1" },
    { A: "1", a: "2" },
    Object.fromEntries([..."abcdef"].map((name) => [name, "x"])),
    { "a b": "x" },
    { a: "" },
    { a: " x" },
    { a: "ü" },
    { a: "x".repeat(1_001) },
    { "1a": "x" },
  ],
  // Names that differ in case alone are one header.
  any: fc
    .uniqueArray(fc.tuple(fc.stringMatching(/^X-[A-Za-z0-9]{1,8}$/), fc.stringMatching(/^[!-~]{1,20}$/)), {
      ...{ maxLength: 5, selector: ([name]) => name.toLowerCase() },
    })
    .map((all) => Object.fromEntries(all)),
};

/** The keys of `app`, which a color may have too. */
const APP: Record<string, Values> = {
  port: count(1, 65_535),
  "health.path": text(`${WORD}-./~%?&=+,:;@`, {
    least: 0,
    most: 999,
    start: "/",
    wrong: [`/${"a".repeat(1_000)}`, "", "up", "/a b", "/ü", "/\n", '/"', "/#"],
  }),
  "health.host": texts(
    ["a", "shop.example.com", "Shop-1.example.com:65535", "x".repeat(252)],
    ["", "a b", "-a", "a-", "a_b", "a:", "a:123456", "x".repeat(253), "ü"],
  ),
  "health.headers": headers,
  "health.interval": time(100),
  "health.timeout": time(100),
  env: {
    right: [{}, { A: "" }, { _a1: "x", LONG: "x".repeat(10_000), ODD: "a\nb\"$'\\%{}☃", N: 7, B: false }, many(1_000)],
    wrong: ["x", ["x"], { "bad name": "x" }, { "1A": "x" }, { A: { B: "x" } }, { "": "x" }, null],
    any: fc.dictionary(fc.stringMatching(/^[A-Za-z_]\w{0,10}$/), anything.any, { maxKeys: 5 }),
  },
  secrets: {
    right: [{}, { DB_PASSWORD: "x" }, { "tls.key": 'a\nb"☃', a1: 7 }, { LONG: "x".repeat(511_999) }],
    wrong: ["x", { "bad name": "x" }, { "/etc/passwd": "x" }, { "..": "x" }, { A: ["x"] }, { A: "x".repeat(512_000) }],
    any: fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,10}[a-z0-9]$/), anything.any, { maxKeys: 3 }),
  },
  command: list(anything, (number) => `--flag=${number}`),
  entrypoint: programs(),
  user: texts(["0", "1000", "1000:1000", "app", "app-1:www_data", 1000 as never], ["", "a b", "1:2:3", ":1", "a.b"]),
  networks: list(
    texts(["ab", "backend", "a_b.c-d", "0a"], ["", "a b", "-a", ".a", "a/b"]),
    (number) => `net-${number}`,
  ),
  volumes: list(volume, (number) => `data-${number}:/data/${number}`),
  memory: { ...size("6m"), wrong: ["5m", "6143k", ...size().wrong] },
  cpus: texts(
    ["0.1", "0.25", "1", "2.0", "9.99", "10", "999.9", 2 as never, 0.5 as never, 1.25 as never],
    ["", "0", "0.0", "0.05", "10.25", "1000", "-1", "x", ".5", 0.05, 10.25],
  ),
  readOnly: flag(),
  noNewPrivileges: flag(),
  openFiles: count(64, 1_048_576),
  capDrop: list(texts(["ALL", "NET_RAW", "CAP_CHOWN"], ["", "net_raw", "NET RAW", "1", "NET_ROW"]), () => "NET_RAW"),
  schema: texts(
    ["0", "3", "3-4", "7-7", "0-999999999", 12 as never],
    ["", "4-3", "-1", "1.2", "3-", "a", "3 - 4", "3-4-5"],
  ),
  stopTimeout: time(1_000),
  "log.maxSize": size(),
  "log.maxFiles": count(1, 100),
};

/** The keys of a login. */
const REGISTRY: Record<string, Values> = {
  user: texts(["deploy", "ü", "x".repeat(300)], ["", "a b"]),
  password: texts(["x", "a b\nc", "☃".repeat(1_000)], [""]),
};

/** The keys that only a color has, and those that its `app` has not. */
const COLOR: Record<string, Values> = {
  tag,
  scale: {
    ...count(0, 200),
    any: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 9 }) }, fc.constant(200)),
  },
  image: repository,
  ...below("registry", REGISTRY),
};

const certificates = list(
  {
    right: [{ certificate: "a.pem", key: "a.key" }],
    wrong: [{ certificate: "x.pem" }, "x", {}, null],
    any: fc.constant({ certificate: "b.pem", key: "b.key" }),
  },
  (number) => ({ certificate: `${number}.pem`, key: `${number}.key` }),
);
/** A page's name says its length in bytes: see `outside.ts`. */
const page = texts(["page-1.html", "page-15000.html"], [""]);

/**
 * For each config key what it may hold. A key of the schema that is not here fails a test: its values, ends and what lies
 * just beyond them belong here. What must fit another key's value is made so in `raw.ts`.
 */
const TABLE: Record<string, Values> = {
  activeColor: words("blue", "green", "both"),
  ...below("weights", { blue: count(1, 99), green: count(1, 99) }),
  sticky: flag(),
  image: repository,
  ...below("registry", REGISTRY),
  ...below("app", APP),
  volumes: {
    right: [
      {},
      { data: { external: true } },
      { data: { external: "true", name: "old.data" }, "d4.t_a-": { external: false } },
      Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`data-${number}`, { external: number % 2 > 0 }])),
    ],
    wrong: ["x", ["x"], null, ...SAID.map((said) => ({ data: said })), { "d4.t_a-": {} }, { d: { external: true } }],
    any: fc.dictionary(
      fc.stringMatching(/^[A-Za-z0-9][\w.-]{1,10}$/),
      fc.record({ external: fc.constantFrom(true, "true", false) }),
      { maxKeys: 3 },
    ),
  },
  hosts: list(host, (number) => `${number % 2 ? "*." : ""}shop-${number}.example.com`),
  ...below("tls", {
    certificates: {
      right: certificates.right.slice(1),
      wrong: [[], ...certificates.wrong],
      any: certificates.any.filter((all) => (all as unknown[]).length > 0),
    },
    selfSigned: flag(),
    port: count(1, 65_535),
    redirect: flag(),
    hsts: { ...time(1_000, 3_650 * 86_400_000), paired: true, right: [false, "1s", "3650d"] },
  }),
  maintenance: flag(),
  ...below("pages", { maintenance: page, unavailable: page }),
  ...below("loadBalancer", {
    port: count(1, 65_535),
    bind: texts(
      ["0.0.0.0", "127.0.0.1", "255.255.255.255"],
      ["", "localhost", "::", "1.2.3", "1.2.3.256", "0.0.0.0/0"],
    ),
    stagingPort: count(1, 65_535),
    metricsPort: { ...count(1, 65_528), right: [1, 32_768, 65_534], wrong: [0, 65_535, 65_536, "many", null] }, // two proxies
    scale: count(1, 8),
    image: texts(
      ["bluegreen-proxy:1", "reg.example.com:5000/proxy:v1", `p:1@sha256:${"0".repeat(64)}`],
      ["", "proxy", "Proxy:1", "a b:1"],
    ),
    colorHeader: {
      ...texts(
        ["X-Bluegreen-Color", "x", `X${"-9".repeat(31)}y`],
        ["", "1x", "a b", "a_b", "x".repeat(65), "a:b"].concat(
          ...["Content-Length", "set-cookie", "VARY", "X-Forwarded-Color", "Sec-X", "X-Bluegreen-Preview"],
        ),
      ),
      paired: true,
    },
    idleTimeout: time(100),
    trustedProxies: list(network, (number) => `10.${number >> 8}.${number & 255}.0/24`),
    proxyProtocol: flag(),
    healthPath: { ...healthPath, right: [...healthPath.right, "/a/b//c/", "/.well-known/health"] },
    compression: flag(),
    ...below("log", {
      requests: words("all", "errors"),
      to: words("files", "output"),
      maxSize: size(),
      maxFiles: count(1, 100),
    }),
  }),
  ...below("limits", {
    connections: count(100, 100_000),
    clientConnections: count(1, 100_000),
    clientRequests: count(1, 100_000),
    replicaConnections: count(1, 100_000),
    queueTimeout: time(100),
    headerTimeout: time(100),
    visitorTimeout: time(100),
    responseTimeout: time(100),
    tunnelTimeout: time(1_000),
    bodySize: size(),
    rate: texts(["1/s", "100/10s", "999999999/24h", "600/m"], ["", "100", "0/s", "1/25h", "1/0s", "1/d", "-1/s", 100]),
  }),
  stickyReplica: flag(),
  "capacity.allowSmaller": flag(),
  "freeze.override": texts(
    ["2026-12-24 payment is down", "2024-02-29 x", `2026-01-01  ${"x".repeat(201)}`],
    [
      "",
      "payment is down",
      "2026-12-24",
      "2026-12-24 ",
      "2026-02-30 x",
      "26-12-24 x",
      "2026-12-24 a\nb",
      "2026-12-24x",
    ],
  ),
  "rollback.healthy": count(1, 100),
  ...ROLLOUT,
  ...SWARM,
  "drain.timeout": time(1_000),
};
TABLE["loadBalancer.colorHeader"]!.right.push(false);

function below(key: string, values: Record<string, Values>): Record<string, Values> {
  return Object.fromEntries(Object.entries(values).map(([inner, value]) => [`${key}.${inner}`, value]));
}

function many(most: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: most }, (_, number) => [`NAME_${number}`, String(number)]));
}

/** What a key may hold; a color's key what that of `app` may. */
export function valuesOf(key: string): Values | undefined {
  const [, own] = /^(?:blue|green)\.(.+)$/.exec(key) ?? [];
  return own ? (COLOR[own] ?? APP[own]) : TABLE[key];
}

/** Every key of the schema, in its order. */
export const KEYS: readonly string[] = [...keys()].map(([key]) => key);

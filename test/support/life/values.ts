import { keys } from "../../../settings/table";
import type { Change } from "./config";

/** Sane values of the keys that `app` and both colors have. null: the key is not set. */
const APP: Record<string, unknown[]> = {
  "health.path": ["/version", "/whoami", null],
  "health.host": ["life.test", "other.test:8080", null],
  "health.headers": [{ "X-Check": "two words" }, { "X-Check": "1", Authorization: "Bearer it's 100%" }, null],
  "health.interval": ["500ms", "2s", null],
  "health.timeout": ["1s", "3s", null],
  env: [{ DEMO_LIFE: "1" }, { DEMO_LIFE: 'two, "words"', DEMO_MORE: "" }, null],
  command: [["--life"], null],
  entrypoint: [["node", "--no-warnings", "/srv/demo/server.mjs"], null],
  user: ["1000:1000", "65534", null],
  networks: [["bluegreen-life-@mark"], null],
  volumes: [["/usr/share:/srv/share:ro"], ["life:/srv/life", "/usr/share:/srv/share:ro"], null],
  memory: ["256m", "300m", null],
  cpus: ["1.5", "1", null],
  readOnly: ["true", null],
  noNewPrivileges: ["false", null],
  openFiles: ["4096", null],
  capDrop: [["ALL"], ["NET_RAW", "SYS_CHROOT"], null],
  stopTimeout: ["10s", "40s", null],
  "log.maxSize": ["5m", null],
  "log.maxFiles": ["2", null],
  schema: ["3", "2-3", null],
};

/** Sane values of all other keys that may be changed by themselves. */
const OWN: Record<string, unknown[]> = {
  sticky: ["true", "false"],
  stickyReplica: ["true", "false"],
  hosts: [["life.test"], ["life.test", "*.life.test"], null],
  "tls.redirect": ["true", "false"],
  "tls.hsts": ["false", "1h", null],
  "pages.maintenance": ["images/demo/page.html", null],
  "pages.unavailable": ["images/demo/page.html", null],
  "loadBalancer.scale": ["1", "2", "3"],
  "loadBalancer.image": ["bluegreen-proxy:life-@mark", null],
  "loadBalancer.colorHeader": ["X-Which-Color", "false", null],
  "loadBalancer.idleTimeout": ["3s", "8s", null],
  "loadBalancer.trustedProxies": [["10.99.0.0/16"], null],
  "loadBalancer.healthPath": ["/healthz", null],
  "loadBalancer.compression": ["true", "false"],
  "loadBalancer.log.requests": ["errors", "all"],
  "loadBalancer.log.to": ["output", null],
  "loadBalancer.log.maxSize": ["5m", null],
  "loadBalancer.log.maxFiles": ["2", null],
  "limits.connections": ["2000", null],
  "limits.clientConnections": ["300", null],
  "limits.clientRequests": ["300", null],
  "limits.replicaConnections": ["500", null],
  "limits.queueTimeout": ["5s", null],
  "limits.headerTimeout": ["8s", null],
  "limits.visitorTimeout": ["30s", null],
  "limits.responseTimeout": ["30s", null],
  "limits.tunnelTimeout": ["30m", null],
  "limits.bodySize": ["50m", null],
  "limits.rate": ["1000000/s", null],
  "rollback.healthy": ["75", null],
  "gate.timeout": ["45s", null],
  "freeze.override": ["2026-12-24 a test", null],
  "gate.requests": [[{ path: "/version" }], null],
  "gate.command": ["test -n ok", null],
  "gate.commandTimeout": ["1m", null],
  "canary.steps": [[20, 60], null],
  "canary.interval": ["2s", "1s"],
  "watch.for": ["2s", null],
  "watch.errors": ["5", null],
  "watch.slow": ["5s", null],
  "watch.slowAnswers": ["50", null],
  "watch.retries": ["20", null],
  "watch.minimum": ["10", null],
  "watch.wait": ["1s", null],
  "watch.quiet": ["continue", null],
  "watch.retry": ["af91c3", null],
  "hooks.beforeSwitch": ["test -n ok", null],
  "hooks.afterSwitch": ["test -n ok", null],
  "hooks.onRollback": ["test -n ok", null],
  "hooks.timeout": ["30s", null],
  "release.command": [["migrate"], null],
  "release.timeout": ["1m", null],
  "release.again": ["once more", null],
  workers: [{ queue: { command: ["work"], scale: 1 } }, null],
  "drain.timeout": ["5s", "8s"],
};

/** Keys that take others along. */
const TOGETHER: Record<string, Change[]> = {
  volumes: [
    { "app.volumes": ["bluegreen-life-@mark:/srv/life"], volumes: { "bluegreen-life-@mark": { external: "true" } } },
    { "app.volumes": ["life:/srv/life"], volumes: { life: { external: "false" } } },
    { "app.volumes": null, volumes: null },
  ],
  "loadBalancer.proxyProtocol": [
    { "loadBalancer.proxyProtocol": "true", "loadBalancer.trustedProxies": ["10.99.0.0/16"] },
    { "loadBalancer.proxyProtocol": null },
  ],
  "loadBalancer.bind": [
    { "loadBalancer.bind": "0.0.0.0", "loadBalancer.port": "@moved", "tls.port": null, "tls.selfSigned": null },
    { "loadBalancer.bind": "127.0.0.1", "loadBalancer.port": "@production", "tls.port": null, "tls.selfSigned": null },
  ],
  "loadBalancer.port": [{ "loadBalancer.port": "@moved" }, { "loadBalancer.port": "@production" }],
  "loadBalancer.stagingPort": [
    { "loadBalancer.stagingPort": "@elsewhere" },
    { "loadBalancer.stagingPort": "@staging" },
  ],
  "loadBalancer.metricsPort": [{ "loadBalancer.metricsPort": "@aside" }, { "loadBalancer.metricsPort": "@metrics" }],
};

/** Keys that have steps of their own. */
const DRIVEN = [
  ...["activeColor", "weights.blue", "weights.green", "image", "blue.tag", "green.tag", "blue.scale", "green.scale"],
  ...["app.port", "blue.port", "green.port", "blue.image", "green.image"],
  ...["tls.selfSigned", "tls.port", "maintenance", "capacity.allowSmaller"],
];

/** Keys that other tests try: what they need is more than one Docker. */
const ELSEWHERE = /^(?:(?:blue|green)\.)?registry\.|^tls\.certificates$|^requireDigest$|^swarm\.|\.secrets$/;

/** The part of a key that `app` and the colors share. */
const shared = (key: string) => /^(?:app|blue|green)\.(.+)$/.exec(key)?.[1];

/** The changes that set a key to other values; none for a key that has steps of its own. */
export function changesOf(key: string): Change[] {
  const values = APP[shared(key) ?? ""] ?? OWN[key];
  return values?.map((value) => ({ [key]: value })) ?? TOGETHER[key] ?? [];
}

/** Every key that may be changed by itself. */
export const movable = (): string[] => [...keys()].map(([key]) => key).filter((key) => changesOf(key).length > 0);

/** The keys of the schema that no life would ever change: each needs values here, or a step. */
export const forgotten = (): string[] =>
  [...keys()]
    .map(([key]) => key)
    .filter((key) => changesOf(key).length === 0 && !DRIVEN.includes(key) && !ELSEWHERE.test(key));

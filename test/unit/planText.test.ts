import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plan } from "../../plan/plan";
import { projectFolder } from "../../scripts/engine/layout";
import { mustBeGolden } from "../support/golden";
import { labSettings } from "../support/proxyLab";
import { configIn } from "../support/stackFile";

/** Stacks whose config says, between them, most of what can be said. */
const STACKS: Record<string, () => Record<string, unknown>> = {
  "the-model": () => configIn(readFileSync(join(projectFolder, "Pulumi.prod.yaml"), "utf8")),
  "an-application": () => ({
    activeColor: "both",
    weights: { blue: 30, green: 70 },
    blue: { tag: "v2", scale: 2, image: "registry.test/shop", port: 8_080 },
    app: {
      ...{ command: ["serve", "--all"], entrypoint: ["/init"], user: "1000", env: { LEVEL: "info" } },
      ...{ memory: "256m", cpus: 1.5, readOnly: true, noNewPrivileges: false, capDrop: ["NET_RAW"], openFiles: 4_096 },
      ...{ volumes: ["data:/data", "shared:/shared:ro", "/srv/pictures:/pictures", "cache_1:/cache"] },
      ...{ health: { path: "/up", headers: { "X-B": "2", "X-A": "1" }, interval: "2s", timeout: "3s" } },
      ...{ schema: "1-2", stopTimeout: "20s", log: { maxSize: "1m", maxFiles: 2 }, networks: ["backend"] },
    },
    volumes: { data: { external: false }, shared: { external: true, name: "everybody.s" } },
    workers: { queue: { command: ["work"], scale: 2, both: true }, cron: { command: ["cron"] } },
    release: { command: ["migrate"], timeout: "2m" },
    loadBalancer: { bind: "192.0.2.1" },
  }),
  "several-hosts": () => ({
    ...{ tls: { selfSigned: true }, activeColor: "blue" },
    swarm: { edges: [{ host: "ssh://deploy@edge1.test" }, { host: "ssh://edge2.test", address: "192.0.2.2" }] },
  }),
  "a-site": () => ({
    ...{ tls: { selfSigned: true, port: 8_443 }, hosts: ["*.shop.test", "shop.test"], sticky: true },
    loadBalancer: { port: 8_000, scale: 3, log: { maxSize: "5m", maxFiles: 4 }, healthPath: "/lb" },
    drain: { timeout: "90500ms" },
    gate: { timeout: "2m", command: "test -e ready", requests: [{ path: "/cart", status: 200 }] },
    ...{ canary: { steps: [5, 50], interval: "1m" }, watch: { for: "5m", errors: 2, retry: "a1b2c3" } },
    hooks: { beforeSwitch: "echo before", afterSwitch: "echo after", onRollback: "echo back", timeout: "9s" },
  }),
};

describe("the plan, all of it", () => {
  for (const [name, config] of Object.entries(STACKS))
    it(`is what is kept for ${name.replaceAll("-", " ")}`, () =>
      mustBeGolden(`plan/${name}.json`, `${JSON.stringify(plan(labSettings(config())), undefined, 2)}\n`));
});

import { explain } from "../../explain/explain";
import type { Facts } from "../../explain/site";
import { lines } from "../../explain/text";
import { between, siteOf, type Config } from "../support/explaining";
import { mustBeGolden } from "../support/golden";

const SHA = `sha256:${"a1".repeat(32)}`;
const STEPS: Config = { canary: { steps: [5, 50], interval: "2m" }, watch: { for: "5m" } };

/** What is changed, by what it is called: the config before, beside what every stack here has, and after. */
const CHANGES: Record<string, [before: Config, after: Config, facts?: Facts]> = {
  "a switch": [{}, { activeColor: "blue" }],
  "a switch to what is not well": [{}, { activeColor: "blue" }, { healthy: { blue: 2, green: 3 } }],
  "a canary": [{}, { activeColor: "both", weights: { blue: 5, green: 95 } }],
  "a switch in steps": [STEPS, { activeColor: "blue" }],
  "a switch that is watched": [
    { watch: { for: "5m" }, gate: { command: "./test", requests: [{ path: "/cart" }] } },
    { activeColor: "blue" },
  ],
  "a switch with its hooks": [
    { hooks: { beforeSwitch: "./before", afterSwitch: "./after" }, ...STEPS, watch: {} },
    { activeColor: "blue" },
  ],
  "a version in place": [{}, { green: { tag: `v2@${SHA}`, scale: 3 } }],
  "a version and its traffic": [{}, { activeColor: "blue", blue: { tag: "v3", scale: 3 } }],
  "a switch to one replica": [
    { blue: { tag: "v2", scale: 1 } },
    { activeColor: "blue", green: { tag: "v1", scale: 0 } },
  ],
  "a way back that closes": [{}, { activeColor: "blue", green: { tag: "v4", scale: 3 } }],
  scale: [{}, { green: { tag: "v1", scale: 5 }, blue: { tag: "v2", scale: 1 } }],
  "one proxy less": [{}, { loadBalancer: { scale: 1 } }],
  "other proxies": [{}, { loadBalancer: { image: "bluegreen-proxy:2" } }],
  ports: [{}, { loadBalancer: { port: 8_000, metricsPort: 9_000 } }],
  maintenance: [{}, { maintenance: true }],
  "maintenance that ends": [{ maintenance: true }, { maintenance: false }],
  hosts: [{}, { hosts: ["a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com"] }],
  "hosts where all were served": [{ hosts: [] }, { hosts: ["shop.example.com"] }],
  "TLS that ends": [{ tls: { selfSigned: true, hsts: "1d" } }, { tls: undefined }],
  "TLS that is not asked for any more": [{ tls: { selfSigned: true } }, { tls: { selfSigned: true, redirect: false } }],
  "visitors that are not kept": [{ sticky: true, activeColor: "both" }, { sticky: false }],
  "visitors that are kept, of whom some move": [
    { sticky: true, activeColor: "both", weights: { blue: 20, green: 80 } },
    { weights: { blue: 50, green: 50 } },
  ],
  "visitors that are kept, of whom all move": [{ sticky: true }, { activeColor: "blue" }],
  "visitors that are kept, and other replicas": [
    { sticky: true, activeColor: "both" },
    { green: { tag: "v1", scale: 3, env: { LEVEL: "debug" } } },
  ],
  "one replica less": [{}, { blue: { tag: "v2", scale: 2 } }],
  "one replica, and another version of it": [
    { green: { tag: "v1", scale: 1 }, blue: { tag: "v2", scale: 1 } },
    { green: { tag: "v3", scale: 1 } },
  ],
  workers: [{ workers: { queue: { command: ["work"], scale: 2 } } }, { activeColor: "blue" }],
  "a worker alone": [{}, { workers: { queue: { command: ["work"] } } }],
  "a release command alone": [{}, { release: { command: ["./migrate"] } }],
  "a version in place that is watched": [{ watch: { for: "5m" } }, { green: { tag: "v2", scale: 3 } }],
  "TLS that ends, and was asked of no browser": [{ tls: { selfSigned: true, hsts: false } }, { tls: undefined }],
  "a release command": [{ release: { command: ["./migrate"] } }, { blue: { tag: "v3", scale: 3 } }],
};

const firstOne = () => lines(explain(undefined, siteOf({ workers: { queue: { command: ["work"] } } }))!);

describe("what is said of an update, word by word", () => {
  it("is what is kept for each kind of change", () => {
    const texts = Object.entries(CHANGES).map(([name, given]) => [name, lines(between(...given))] as const);
    const all = [["the first update", firstOne()] as const, ...texts];
    mustBeGolden("explanations.txt", all.map(([name, text]) => `# ${name}\n${text.join("\n")}\n`).join("\n"));
  });
});

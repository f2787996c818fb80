import { haproxyConfig } from "../../haproxy/config/config";
import { haproxyInputs, slotFiles } from "../../haproxy/control/files";
import type { PerColor } from "../../model/color";
import type { Slot } from "../../model/slot";
import { routingPlan, type RoutingInputs } from "../../plan/routing";
import { mustBeGolden } from "../support/golden";
import { labSettings } from "../support/proxyLab";

/** A replica that serves, one that has not passed the gate and came with another port, and a free slot. */
const SLOTS: PerColor<Slot[]> = {
  blue: [
    { name: "web-blue-1-ab12", gated: true },
    {
      ...{ name: "web-blue-2-cd34", gated: false },
      application: {
        port: 8_000,
        health: { path: "/ready", host: "old.test", headers: { "X-Old": "a b" }, interval: 300, timeout: 5_000 },
      },
    },
    { gated: false },
  ],
  green: [{ name: "web-green-1-ef56", gated: true }],
};

const BEHIND = { trustedProxies: ["10.0.0.0/8", "192.0.2.7"], healthPath: "/lb" };
const SMOKE = { gate: { requests: [{ path: "/cart", status: 200 }] } };

/** Config of stacks that have, between them, every rule that there is. */
const STACKS: Record<string, Record<string, unknown>> = {
  "by-default": {},
  "errors-alone": {
    loadBalancer: { log: { requests: "errors" }, colorHeader: false, compression: true },
    limits: { rate: "100/10s", bodySize: "1m" },
  },
  tls: {
    ...{ tls: { selfSigned: true, hsts: "1d" }, hosts: ["shop.test", "*.shop.test"] },
    ...{ sticky: true, stickyReplica: true, ...SMOKE },
  },
  "behind-another": { loadBalancer: { ...BEHIND, log: { to: "output" } }, canary: { steps: [5, 50] } },
  "behind-another-tls": { loadBalancer: { ...BEHIND, proxyProtocol: true }, tls: { selfSigned: true }, ...SMOKE },
  "with-names-alone": { hosts: ["shop.test"], tls: { selfSigned: true, port: 8_443, hsts: false } },
  "with-domains-alone": { hosts: ["*.shop.test"], tls: { selfSigned: true, port: 8_443 } },
  watched: { watch: { for: "5m", slow: "700ms" }, sticky: true, maintenance: true },
};

describe("HAProxy's text", () => {
  for (const [name, config] of Object.entries(STACKS))
    it(`is what is kept for a stack ${name.replaceAll("-", " ")}`, () => {
      const plan = { ...routingPlan("web", labSettings(config)), previewKey: "k3y", metricsPassword: "pa55" };
      const given = { ...plan, certificates: plan.selfSigned ? ["pem"] : [] } as unknown as RoutingInputs;
      const beside = slotFiles(SLOTS, "web").map(({ name: file, body }) => `# ${file}\n${String(body)}\n`);
      const text = haproxyConfig(haproxyInputs(given, SLOTS), SLOTS, "f");
      mustBeGolden(`haproxy/${name}.cfg`, [text, ...beside].join("\n"));
    });
});

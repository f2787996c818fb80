import type { HaproxyInputs } from "../../haproxy/config/settings";
import type { Application } from "../../model/application";
import type { PerColor } from "../../model/color";
import type { Slot } from "../../model/slot";

/** What both colors have. */
const color: Application = {
  port: 80,
  health: {
    ...{ path: "/health?deep=1&x=a", host: "web", interval: 1_000, timeout: 2_000 },
    headers: { "X-Check": `it's 100 %, "$HOME" \\ #1` },
  },
};
/** What some replicas came with. */
export const other: Application = {
  port: 8_000,
  health: { path: "/ready", host: "shop.example.com:80", headers: { "X-Old": "a b" }, interval: 300, timeout: 5_000 },
};
export const settings: HaproxyInputs = {
  ...{ site: "web", colorHeader: "X-Bluegreen-Color", sticky: false, stickyReplica: false, idleTimeout: 5_000 },
  ...{ listeners: ["production", "staging", "metrics"], hosts: [], trustedProxies: [], proxyProtocol: false },
  ...{ compression: false, log: "files", previewKey: "k3y", metricsPassword: "pa55", lists: {} },
  limits: {
    ...{ connections: 4_000, clientConnections: 500, clientRequests: 500, replicaConnections: 1_000 },
    queueTimeout: 10_000,
    ...{ headerTimeout: 10_000, visitorTimeout: 60_000, responseTimeout: 60_000, tunnelTimeout: 3_600_000 },
    bodySize: 100 * 2 ** 20,
  },
  pages: { maintenance: "version-1.html", unavailable: "version-2.html" },
  colors: { blue: color, green: { ...color, port: 3000 } },
};
export const tls: Partial<HaproxyInputs> = {
  listeners: [...settings.listeners, "https"],
  tls: { port: 8443, redirect: true, hsts: 86_400_000 },
  lists: { certificates: "certificates.list" },
};
export const slots: PerColor<Slot[]> = {
  blue: [{ name: "web-blue-1-ab12", gated: true }, { name: "web-blue-2-cd34", gated: false }, { gated: false }],
  green: [{ gated: false }, { name: "web-green-1-ef56", gated: true }, { gated: false }],
};

/** The same, and replicas that keep what they came with. */
export const mixed: PerColor<Slot[]> = {
  blue: [{ name: "web-blue-1-ab12", gated: true, application: other }, ...slots.blue.slice(1)],
  green: [{ gated: false }, { name: "web-green-1-ef56", gated: false, application: other }, { gated: false }],
};

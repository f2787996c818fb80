import type { Life } from "./script";

const TLS = { "tls.selfSigned": "true", "tls.port": "@tls", "tls.redirect": "false" };

/** Lives that found a fault once, cut down to the steps that it took. */
export const FOUND: Life[] = [
  {
    name: "new proxies that start late, with settings that change meanwhile",
    steps: [{ do: "up", what: "TLS on", set: TLS }],
  },
  {
    name: "a rollback of a site that made its certificate itself",
    steps: [
      { do: "up", what: "switch", set: { activeColor: "blue" } },
      { do: "up", what: "TLS on", set: TLS },
      { do: "rollback", to: "green" },
    ],
  },
];

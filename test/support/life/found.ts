import { known } from "./known";
import type { Life } from "./script";

const TLS = { "tls.selfSigned": "true", "tls.port": "@tls", "tls.redirect": "false" };

/** Lives that found a fault once, cut down to the steps that it took; without those whose fault is known and not yet mended. */
export const FOUND: Life[] = [
  {
    name: "new proxies that start late, with settings that change meanwhile",
    steps: [{ do: "up", what: "TLS on", set: TLS }],
  },
  ...(known("self-signed rollback")
    ? []
    : [
        {
          name: "a rollback of a site that made its certificate itself",
          steps: [
            { do: "up" as const, what: "switch", set: { activeColor: "blue" } },
            { do: "up" as const, what: "TLS on", set: TLS },
            { do: "rollback" as const, to: "green" as const },
          ],
        },
      ]),
];

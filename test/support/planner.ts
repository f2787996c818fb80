import type { Application } from "../../model/application";
import type { ObservedServer } from "../../model/observed";

/** An application that is checked at `/health`. */
export const application = (port: number): Application => ({
  port,
  health: { path: "/health", host: "web", headers: {}, interval: 1_000, timeout: 2_000 },
});

/** A slot of a worker with this replica, healthy and serving; without a name it is free. */
export const server = (name?: string): ObservedServer => ({
  ...{ slot: "", enabled: name !== undefined, weight: 1, healthy: true, check: "", connections: 0, total: 0 },
  ...(name !== undefined && { name }),
});

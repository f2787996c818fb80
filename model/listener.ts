/** What a proxy may listen for. Metrics are each proxy's own, so each has a socket of its own for them. */
export type ListenerName = "production" | "staging" | "metrics" | "https";

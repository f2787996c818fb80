/** A holder as it was made: the address that it publishes stays for as long as the port does. */
export interface PublishedHolder {
  /** What it listens for. */
  listener: string;
  /** The name of its container. */
  container: string;
  bind: string;
  port: number;
}

const KEYS: Record<string, string> = {
  production: "loadBalancer.port",
  https: "tls.port",
  staging: "loadBalancer.stagingPort",
};

/** The config key of a listener's port; that of metrics is the first proxy's. */
export const portKey = (listener: string) => KEYS[listener] ?? "loadBalancer.metricsPort";

/**
 * Why a holder's address cannot be changed where its port stays: of two holders on one port the second cannot start,
 * and without the first there is a gap.
 *
 * @returns one sentence with the way round, or nothing where all is well
 */
export function refusedBind(before: readonly PublishedHolder[], after: readonly PublishedHolder[]): string | undefined {
  const moved = after.flatMap((now) => {
    const was = before.find(({ container }) => container === now.container);
    return was && was.bind !== now.bind ? [{ was, now }] : [];
  });
  const [first] = moved;
  if (!first) return undefined;
  const numbers = moved.map(({ now }) => now.port).join(" and ");
  const ports = moved.length === 1 ? `port ${numbers} is` : `ports ${numbers} are`;
  const elsewhere = moved.map(({ now }) => `pulumi config set --path ${portKey(now.listener)} ${now.port + 1}`);
  return (
    `loadBalancer.bind: ${ports} in use on ${first.was.bind}, and cannot move to ${first.now.bind} without a gap; ` +
    `nothing was changed. Stay:\n    pulumi config set --path loadBalancer.bind ${first.was.bind}\n` +
    `or go by way of another port, and back after that:\n    ${[...elsewhere, "pulumi up"].join(" && ")}`
  );
}

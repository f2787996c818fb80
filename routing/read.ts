import { backendName } from "../haproxy/config/names";
import { currentWorker, everywhere, type Observed, type ObservedProxy } from "../model/observed";
import { activeColorOf } from "../model/share";
import { perColor, type Color, type Share } from "../model/color";
import { fingerprintOf } from "../haproxy/control/files";
import { isCurrent, type RoutingInputs } from "./inputs";
import type { LoadBalancer } from "../haproxy/control/balancer";

/** The inputs that HAProxy can be asked about. */
export type InForce = Pick<
  RoutingInputs,
  "share" | "activeColor" | "maintenance" | "proxies" | "replicas" | "settings"
>;

/** The inputs that would make the load balancer do what it does: where they differ from the state, someone changed it. */
export async function read(balancer: LoadBalancer, state: RoutingInputs): Promise<InForce | undefined> {
  if ((await balancer.containers()).length === 0) return undefined;
  return inForce(await balancer.observe(), state);
}

/** The inputs that stand for what was observed. */
export function inForce(observed: Observed, state: RoutingInputs): InForce {
  const share = shareInForce(observed, state.share);
  return {
    share,
    maintenance: other(everywhere(observed, "maintenance"), state.maintenance),
    activeColor: share === state.share ? state.activeColor : activeColorOf(share),
    proxies: state.proxies.filter((name) =>
      observed.proxies.some((proxy) => proxy.name === name && currentWorker(proxy)),
    ),
    replicas: perColor((color) => servingReplicas(observed, color, state)),
    settings: settingsInForce(observed, state),
  };
}

/** The share that differs from the expected one, if any does: one proxy that was changed by hand is enough. */
export const shareInForce = (observed: Observed, expected: Share): Share =>
  other(everywhere(observed, "share"), expected);

const other = <T>(all: readonly (T | undefined)[], expected: T): T =>
  all.find((one) => one !== undefined && one !== expected) ?? expected;

const servesAt = (proxy: ObservedProxy, color: Color, name: string) =>
  currentWorker(proxy)?.servers[color].some((server) => server.name === name && server.enabled && server.weight > 0);

/** Whether every proxy that serves gives a replica its part of the color's traffic. */
export const serves = ({ proxies }: Observed, color: Color, name: string) =>
  proxies.filter(currentWorker).every((proxy) => servesAt(proxy, color, name));

/** The replicas that every serving proxy knows: the expected ones in their order, then strangers. */
function servingReplicas(observed: Observed, color: Color, state: RoutingInputs): string[] {
  const serving = observed.proxies.filter(currentWorker);
  if (serving.length === 0) return state.replicas[color];
  const known = serving.flatMap((proxy) =>
    currentWorker(proxy)!.servers[color].flatMap(({ name }) => (name ? [name] : [])),
  );
  const strangers = [...new Set(known)].filter((name) => !state.replicas[color].includes(name));
  const kept = state.replicas[color].filter((name) => serves(observed, color, name));
  return [...kept, ...strangers.filter((name) => name.startsWith(backendName(state.settings.site, color)))];
}

/** The settings, or an empty site's name where a proxy runs others. */
function settingsInForce({ proxies }: Observed, state: RoutingInputs): RoutingInputs["settings"] {
  if (!isCurrent(state)) return state.settings; // the update that is due sees to it
  const expected = fingerprintOf(state);
  const others = proxies.some((proxy) => {
    const worker = currentWorker(proxy);
    return worker && worker.fingerprint !== expected;
  });
  return others ? { ...state.settings, site: "(changed outside Pulumi)" } : state.settings;
}

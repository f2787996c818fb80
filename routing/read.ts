import { backendName } from "../haproxy/config/names";
import { currentWorker, everywhere, serving, type Observed } from "../model/observed";
import { activeColorOf, type Share } from "../model/share";
import { perColor, type ActiveColor, type Color } from "../model/color";
import type { Balancer } from "./executor/balancer";
import { type RoutingInputs, isCurrent } from "../plan/routing";

/** The inputs that HAProxy can be asked about. */
export type InForce = Pick<
  RoutingInputs,
  "share" | "activeColor" | "maintenance" | "proxies" | "replicas" | "settings"
>;

/** The inputs that would make the load balancer do what it does: where they differ from the state, someone changed it. */
export async function read(balancer: Balancer, state: RoutingInputs): Promise<InForce | undefined> {
  if ((await balancer.containers()).length === 0) return undefined;
  return inForce(await balancer.observe(), state, balancer.fingerprint);
}

/** The inputs that stand for what was observed. */
export function inForce(observed: Observed, state: RoutingInputs, fingerprint: Balancer["fingerprint"]): InForce {
  return {
    share: shareInForce(observed, state.share),
    maintenance: other(everywhere(observed, "maintenance"), state.maintenance),
    activeColor: activeColorIn(observed, state),
    proxies: state.proxies.filter((name) =>
      observed.proxies.some((proxy) => proxy.name === name && currentWorker(proxy)),
    ),
    replicas: perColor((color) => servingReplicas(observed, color, state)),
    settings: settingsInForce(observed, state, fingerprint),
  };
}

/** The share that differs from the expected one, if any does: one proxy that was changed by hand is enough. */
export const shareInForce = (observed: Observed, expected: Share): Share =>
  other(everywhere(observed, "share"), expected);

/** The word for the share that is in force: the one that the expected inputs have where that is theirs. */
export function activeColorIn(observed: Observed, expected: Pick<RoutingInputs, "share" | "activeColor">): ActiveColor {
  const share = shareInForce(observed, expected.share);
  return share === expected.share ? expected.activeColor : activeColorOf(share);
}

const other = <T>(all: readonly (T | undefined)[], expected: T): T =>
  all.find((one) => one !== undefined && one !== expected) ?? expected;

/** The replicas that every serving proxy knows: the expected ones in their order, then strangers. */
function servingReplicas(observed: Observed, color: Color, state: RoutingInputs): string[] {
  const workers = observed.proxies.flatMap((proxy) => currentWorker(proxy) ?? []);
  if (workers.length === 0) return state.replicas[color];
  const known = workers.flatMap(({ servers }) => servers[color].flatMap(({ name }) => (name ? [name] : [])));
  const expected = new Set(state.replicas[color]);
  const strangers = [...new Set(known)].filter((name) => !expected.has(name));
  const kept = serving(observed, color, state.replicas[color]);
  return [...kept, ...strangers.filter((name) => name.startsWith(backendName(state.settings.site, color)))];
}

/** The settings, or an empty site's name where a proxy runs others. */
function settingsInForce(
  { proxies }: Observed,
  state: RoutingInputs,
  fingerprint: Balancer["fingerprint"],
): RoutingInputs["settings"] {
  if (!isCurrent(state)) return state.settings; // the update that is due sees to it
  const expected = fingerprint(state);
  const others = proxies.some((proxy) => {
    const worker = currentWorker(proxy);
    return worker && worker.fingerprint !== expected;
  });
  return others ? { ...state.settings, site: "(changed outside Pulumi)" } : state.settings;
}

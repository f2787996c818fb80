import { basename } from "node:path";
import { haproxyConfig } from "../../../haproxy/config/config";
import { MAPS } from "../../../haproxy/config/names";
import type { Observed } from "../../../model/observed";
import type { Plan } from "../../../plan/plan";
import { transition } from "../../../routing/planner/transition";
import { perColor, type PerColor } from "../../../model/color";
import { desiredOf } from "../../../routing/executor/desired";
import { fingerprintOf, haproxyInputs, slotFiles, versionedFiles } from "../../../haproxy/control/files";
import { Model } from "../model";
import type { Slot } from "../../../model/slot";
import type { RoutingInputs } from "../../../plan/routing";

/** Files by their names, as they lie together in the folder of a proxy. */
export type Folder = Record<string, string>;

/** As long as those that Pulumi makes. */
const SECRET = "x".repeat(32);

/** What the resource `Routing` would be given, with replicas of this generation: their names end in it, as in Pulumi's. */
function inputsOf(plan: Plan, selfSigned: string, generation: number): RoutingInputs {
  const { selfSigned: own, ...routing } = plan.routing;
  const named = (name: string) => `${name}-${String(generation).repeat(7)}`;
  return {
    ...routing,
    certificates: own ? [selfSigned] : routing.certificates,
    loadBalancer: named("web-lb-config"),
    proxies: plan.loadBalancer.proxies.map(({ name }) => named(name)),
    replicas: perColor((color) => plan.services[color].replicas.map(named)),
    networks: perColor((color) => named(`web-${color}`)),
    images: { blue: "sha256:b", green: "sha256:g" },
    holders: [],
    previewKey: SECRET,
    metricsPassword: SECRET,
  };
}

/** What the load balancer's files would be. */
function folder(inputs: RoutingInputs, slots: PerColor<readonly Slot[]>, fingerprint: string): Folder {
  const { site } = inputs.settings;
  const files = [...versionedFiles(inputs, slots), ...slotFiles(slots, site)];
  return {
    ...Object.fromEntries(files.map(({ name, body }) => [name, body])),
    [basename(MAPS.share)]: `${site} ${inputs.share}\n`,
    [basename(MAPS.maintenance)]: `${site} ${Number(inputs.maintenance)}\n`,
    "haproxy.cfg": haproxyConfig(haproxyInputs(inputs, slots), slots, fingerprint),
  };
}

/**
 * All that is written on a way: the first `up` of the first plan, then one `up` for each other, which replaces every
 * replica of both colors at once.
 *
 * @param selfSigned the certificate that production makes for itself
 */
export function writtenOn(way: readonly Plan[], selfSigned: string): Folder[] {
  const written: Folder[] = [];
  const { proxies } = inputsOf(way[0]!, selfSigned, 0);
  let state: Observed = { proxies: proxies.map((name) => ({ name, workers: [] })) };
  for (const [generation, plan] of way.entries()) {
    const inputs = { ...inputsOf(plan, selfSigned, generation), proxies };
    const desired = desiredOf({ fingerprint: fingerprintOf }, inputs);
    const model = new Model(state, desired, () => true);
    for (let steps = transition(model.state, desired); steps.length > 0; steps = transition(model.state, desired))
      for (const step of steps) {
        model.take(step);
        if (step.kind === "write") written.push(folder(inputs, step.slots, step.fingerprint));
      }
    state = model.state;
  }
  return written;
}

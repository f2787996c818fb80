import type { Resource } from "@pulumi/pulumi";
import * as log from "@pulumi/pulumi/log";
import { output } from "@pulumi/pulumi/output";
import type { Provider } from "@pulumi/pulumi/provider";
import { refusedBind } from "../plan/holders";
import { refusedMove } from "../plan/swarm";
import { refusalText, refuses, rolloutText } from "../model/progress";
import { activeColorOf } from "../model/share";
import { refusalOf, rollbackOf, unfinished } from "../model/turn";
import { apply } from "./executor/apply";
import { companyOf } from "./company";
import { explained } from "./explained";
import { gainerHasServed, inputsDiffer, capacityDiff, changeOf, drift, servedWith } from "./diff";
import { balancerFor, NEEDED_TO_GO_BACK } from "./loadBalancer";
import { read } from "./read";
import { StuckError } from "./executor/revert";
import { OWN_TURN } from "./executor/turn";
import { Interrupted, type Progress } from "./executor/wait";
import { upgradeState, type RoutingState } from "./state";
import { plain } from "./wire";
import { type RoutingInputs, isCurrent } from "../plan/routing";

/** What there is for each type of resource. */
export type ResourceProvider = Required<Pick<Provider, "check" | "diff" | "create" | "update" | "read" | "delete">>;

/** Set when the user interrupts an update: waits end then, and the traffic stays where it was or returns there. */
export const stop = new AbortController();

/** Lines that stand on the resource's own row. */
export function progressOf(urn: string): Progress {
  const resource = { urn: output(urn) } as Resource;
  const line = (ephemeral: boolean) => (text: string) => void log.info(text, resource, undefined, ephemeral);
  return {
    show: line(true),
    log: line(false),
    warn: (text) => void log.warn(text, resource),
    throwIfStopped: () => {
      if (stop.signal.aborted) throw new Interrupted();
    },
  };
}

/** Applies the inputs. An error leaves the old state; only what could not be undone is told to the state as it is. */
async function applied(urn: string, id: string, checked: object, before?: RoutingState): Promise<object> {
  const { change: _, ...wrapped } = checked as Pick<RoutingInputs, "change">;
  const inputs = plain<RoutingInputs>(wrapped);
  if (!isCurrent(inputs))
    throw withoutStack(new Error("this stack was made by an earlier version of the program: run pulumi up once"));
  try {
    const progress = progressOf(urn);
    const company = inputs.rollout && companyOf(inputs.rollout, progress.log, stop.signal);
    const how = { before, known: before !== undefined && gainerHasServed(before, inputs), ...(company && { company }) };
    const needed = process.env[OWN_TURN] ? NEEDED_TO_GO_BACK : inputs.edgesNeeded;
    await apply(balancerFor(inputs, needed), inputs, progress, how);
    return { ...wrapped, ...servedWith(inputs, before ?? { served: {} }) };
  } catch (error) {
    if (!(error instanceof StuckError)) throw withoutStack(error as Error);
    const properties = { ...wrapped, share: error.share, served: before?.served, servedBy: before?.servedBy };
    throw Object.assign(error, { id, properties, reasons: [error.message] });
  }
}

/** Refuses what the capacity rule refuses, and looks for what was changed by hand where nothing else is to change. */
async function diffed(urn: string, state: RoutingState, inputs: RoutingInputs): Promise<{ changes?: boolean }> {
  const progress = progressOf(urn);
  const bind = refusedBind(state.holders, inputs.holders);
  if (bind) throw withoutStack(new Error(bind));
  const move = refusedMove(state, inputs);
  if (move) throw withoutStack(new Error(move));
  const verdict = capacityDiff(state, inputs);
  if (verdict?.refused) throw withoutStack(new Error(verdict.text));
  const differ = inputsDiffer(state, inputs);
  const balancer = balancerFor(state);
  const [observed, detached] = await Promise.all([
    balancer.observe().catch(() => undefined),
    differ ? undefined : balancer.detached(state).catch(() => undefined),
  ]);
  const turn = observed ? observed.turn : await balancer.turnNow();
  const explanation = differ ? explained(state, inputs, observed) : [];
  if (explanation.length > 0) progress.log(explanation.join("\n"));
  if (observed?.refusal && refuses(observed.refusal, inputs))
    throw withoutStack(new Error(refusalText(observed.refusal)));
  const rollout = observed?.rollout;
  if (rollout)
    progress.log(
      `${rolloutText(rollout)} did not come to its end: ` +
        (rollout.to === inputs.share
          ? "this update takes it up"
          : `this update gives the traffic to ${activeColorOf(inputs.share)}`),
    );
  const rollback = unfinished(turn, state.share);
  if (rollback && rollback.share !== inputs.share) throw withoutStack(new Error(refusalOf(rollback, inputs.share)));
  if (rollback && rollback.id !== process.env[OWN_TURN])
    progress.log(`${rollbackOf(rollback)} is not in Pulumi's state yet: this update finishes it`);
  if (!observed || !detached) return {}; // the engine's own comparison makes the most readable preview
  const found = drift(balancer, state, observed, detached);
  for (const line of found.unhealthy) progress.warn(line);
  if (found.changes.length === 0) return {};
  progress.warn(`changed outside Pulumi, and set right by this update: ${found.changes.join("; ")}`);
  return { changes: true };
}

/** The inputs with what they change: the engine shows a policy pack what `check` returns, and nothing of the old state. */
function withChange(olds: object | undefined, news: object): object {
  const before = Object.keys(olds ?? {}).length > 0 ? stateOf(olds!) : undefined;
  return { ...news, change: changeOf(before, plain<RoutingInputs>(news)) };
}

const stateOf = (wrapped: object): RoutingState => upgradeState(plain<object>(wrapped));

/** The engine prints what stands in `stack`, and a user needs the sentence alone. */
export const withoutStack = (error: Error) => Object.assign(new Error(error.message), { stack: error.message });

/** The provider behind `bluegreen:index:Routing`. */
export const routingProvider: ResourceProvider = {
  check: async (_urn, olds, news: object) => ({ inputs: withChange(olds as object | undefined, news) }),
  diff: async (_id, urn, olds: object, news: object) => diffed(urn, stateOf(olds), plain<RoutingInputs>(news)),
  create: async (urn, inputs: object) => {
    const id = plain<RoutingInputs>(inputs).loadBalancer;
    return { id, outs: await applied(urn, id, inputs) };
  },
  update: async (id, urn, olds: object, inputs: object) => ({
    outs: await applied(urn, id, inputs, stateOf(olds)),
  }),
  read: async (id, _urn, props: object) => {
    const state = stateOf(props);
    const found = await read(balancerFor(state), state);
    if (!found) return { id: "", props: {} };
    // What was not looked at goes back as it came: unwrapped, a secret would show as a difference.
    const now = { ...props, ...found };
    const { served: _, servedBy: _by, ...inputs } = now as typeof now & Pick<RoutingState, "served" | "servedBy">;
    return { id, props: now, inputs };
  },
  delete: async () => undefined,
};

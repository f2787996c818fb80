import type { ReleaseInputs } from "../plan/release";
import { announced, dueRuns, type ReleaseState } from "./release";
import { removeRuns, ReleaseError, runDue } from "./releaseRun";
import { clientAt } from "../docker/connect";
import { progressOf, stop, withoutStack, type ResourceProvider } from "./routingProvider";
import { plain } from "./wire";

/** Runs what is due. Where one of two fails, the state remembers the other. */
async function ran(urn: string, id: string, wrapped: object, before: readonly string[]): Promise<object> {
  const inputs = plain<ReleaseInputs>(wrapped);
  try {
    const around = { docker: clientAt(inputs.dockerHost), inputs, progress: progressOf(urn), signal: stop.signal };
    const done = await runDue(around, before);
    return { ...wrapped, done };
  } catch (error) {
    const fault = withoutStack(error as Error);
    if (!(error instanceof ReleaseError) || error.done.length === before.length) throw fault;
    throw Object.assign(fault, { id, properties: { ...wrapped, done: error.done }, reasons: [fault.message] });
  }
}

function announce(urn: string, inputs: ReleaseInputs, done?: readonly string[]): boolean {
  const due = dueRuns(inputs, done);
  for (const run of due) progressOf(urn).log(announced(inputs, run, done !== undefined));
  return due.length > 0;
}

const nameIn = (urn: string) => urn.split("::").at(-1)!;

/** The provider behind `bluegreen:index:Release`. */
export const releaseProvider: ResourceProvider = {
  check: async (urn, olds: object | undefined, news: object) => {
    if (Object.keys(olds ?? {}).length === 0) announce(urn, plain<ReleaseInputs>(news)); // there will be no diff
    return { inputs: news };
  },
  // A change of what has been run for, such as the color that comes first, is nothing to do.
  diff: async (_id, urn, olds: object, news: object) => ({
    changes: announce(urn, plain<ReleaseInputs>(news), plain<ReleaseState>(olds).done ?? []),
  }),
  create: async (urn, inputs: object) => {
    const id = nameIn(urn);
    return { id, outs: await ran(urn, id, inputs, []) };
  },
  update: async (id, urn, olds: object, inputs: object) => ({
    outs: await ran(urn, id, inputs, plain<ReleaseState>(olds).done ?? []),
  }),
  read: async (id, _urn, props: object) => {
    const { done: _, ...inputs } = props as Record<string, unknown>;
    return { id, props, inputs };
  },
  delete: async (_id, _urn, props: object) => {
    const { dockerHost, loadBalancer } = plain<ReleaseState>(props);
    await removeRuns(clientAt(dockerHost), loadBalancer);
  },
};

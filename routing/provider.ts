import * as pulumi from "@pulumi/pulumi";
import type { Provider } from "@pulumi/pulumi/provider";
import type Docker from "dockerode";
import { StuckError, apply } from "./apply";
import { connect, dockerHost } from "./endpoint";
import { plain, type RoutingInputs } from "./inputs";
import { LoadBalancer } from "./loadBalancer";
import { read } from "./read";
import type { Progress } from "./wait";

/** Set when the user interrupts an update: waits end then, and the traffic stays where it was or returns there. */
const stop = new AbortController();

/** Lines that stand on the resource's own row. */
function progressOf(urn: string): Progress {
  const resource = { urn: pulumi.output(urn) } as pulumi.Resource;
  const line = (passing: boolean) => (text: string) => void pulumi.log.info(text, resource, undefined, passing);
  return {
    now: line(true),
    told: line(false),
    throwIfStopped: () => {
      if (stop.signal.aborted) throw new Error("interrupted: the traffic is where it was before");
    },
  };
}

/** One client for each endpoint: what it keeps open serves every resource. */
const clients = new Map<string, Docker>();

function balancerOf({ dockerHost: named, loadBalancer, settings }: RoutingInputs): LoadBalancer {
  const host = dockerHost(named);
  const docker = clients.get(host) ?? connect(host);
  clients.set(host, docker);
  return new LoadBalancer(docker, loadBalancer, settings.site);
}

/** Applies the inputs. An error leaves the old state; only what could not be undone is told to the state as it is. */
async function applied(urn: string, id: string, wrapped: object): Promise<object> {
  const inputs = plain<RoutingInputs>(wrapped);
  try {
    await apply(balancerOf(inputs), inputs, progressOf(urn));
    return wrapped;
  } catch (error) {
    if (error instanceof StuckError)
      throw Object.assign(error, { id, properties: { ...wrapped, share: error.share }, reasons: [error.message] });
    throw withoutStack(error as Error);
  }
}

/** The engine prints what stands in `stack`, and a user needs the sentence alone. */
const withoutStack = (error: Error) => Object.assign(new Error(error.message), { stack: error.message });

/** The provider behind `bluegreen:index:Routing`. */
export const provider: Provider = {
  version: "1.0.0",
  check: async (_urn, _olds, news: object) => ({ inputs: news }),
  // An empty answer lets the engine compare the inputs, which gives the most readable preview.
  diff: async () => ({}),
  create: async (urn, inputs: object) => {
    const id = plain<RoutingInputs>(inputs).loadBalancer;
    return { id, outs: await applied(urn, id, inputs) };
  },
  update: async (id, urn, _olds, inputs: object) => ({ outs: await applied(urn, id, inputs) }),
  read: async (id, _urn, props) => {
    const state = plain<RoutingInputs>(props);
    const inputs = await read(balancerOf(state), state);
    return inputs ? { id, props: inputs, inputs } : { id: "", props: {} };
  },
  delete: async () => undefined,
  cancel: async () => stop.abort(),
};

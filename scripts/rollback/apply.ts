import { setTimeout as wait } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { ConcurrentUpdateError, LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { DependencyResource } from "@pulumi/pulumi/resource";
import { type Color } from "../../model/color";
import { nameOf, unwrapped, type Deployed, type StackState } from "../common/deployed";
import { OWN_TURN } from "../../routing/executor/turn";
import { projectFolder } from "../engine/layout";
import { ROLLBACK_AGENT } from "../common/history";
import type { Known } from "./facts";
import { ALL_BLUE } from "../../model/share";

/** A value of the state as a program would give it: secrets stay secrets. */
const declared = (value: unknown) => unwrapped(value, (inner) => pulumi.secret(inner));

/** Pulumi's own lines, without the dots that show that it is alive, and without the outputs. */
const PLAIN = { color: "never", suppressProgress: true, suppressOutputs: true } as const;
const UP = { ...PLAIN, userAgent: ROLLBACK_AGENT };

/** Where Pulumi's output goes, and what interrupts it. */
interface Options {
  onOutput: (text: string) => void;
  signal?: AbortSignal;
  /** The id of the turn in which the traffic was moved. */
  turn: string;
}

/** The resource as the state has it, but for what changes. */
class Redeclared extends pulumi.CustomResource {
  declare readonly activeColor: pulumi.Output<string>;
  declare readonly share: pulumi.Output<number>;
}

/** A component of the state, declared again with those that it is in. */
function component(state: StackState, found: Deployed | undefined): pulumi.Resource | undefined {
  if (!found || found === state.root) return undefined;
  const parent = component(state, state.at(found.parent));
  return new pulumi.ComponentResource(found.type, nameOf(found.urn), {}, { parent });
}

/** The value with the resources that it came from, so that the state goes on to know them. */
function from(value: unknown, urns: readonly string[]): pulumi.Output<unknown> {
  const known = pulumi.output(declared(value));
  const sources = urns.map((urn) => new DependencyResource(urn).urn);
  return pulumi.all([known, ...sources]).apply(([first]) => first);
}

/**
 * A program with the one resource that a switch changes, from the state instead of from config: edits of the config
 * that wait for an update go on waiting, no container is looked at, and the provider of Docker is not even started.
 */
const program =
  ({ state, routing: found }: Known, to: Color): pulumi.automation.PulumiFn =>
  async () => {
    const wanted = { ...found.inputs, activeColor: to, share: to === "blue" ? ALL_BLUE : 0 };
    const sources = found.propertyDependencies ?? {};
    const inputs = Object.fromEntries(
      Object.entries(wanted).map(([key, value]) => [key, from(value, sources[key] ?? [])]),
    );
    const parent = component(state, state.at(found.parent));
    const routing = new Redeclared(found.type, nameOf(found.urn), inputs, { parent, ignoreChanges: ["change"] });
    const outputs = declared(state.root?.outputs ?? {}) as Record<string, unknown>;
    return { ...outputs, activeColor: routing.activeColor, share: routing.share };
  };

/** An update that was overtaken ends soon; a lock without an update stays. So long is waited, in milliseconds. */
const LOCK_TIMEOUT = 60_000;
/** Between two tries, in milliseconds. */
const LOCK_PAUSE = 1_000;

/**
 * Has Pulumi's state say which color serves, by an update of the one resource. Where the traffic is there already, it is not
 * touched. Another update of the stack is waited for.
 *
 * @param stack the stack's full name
 * @param options where Pulumi's output goes, and what interrupts it
 * @throws Error if Pulumi fails
 */
export async function giveProduction(known: Known, stack: string, to: Color, options: Options): Promise<void> {
  const workspace = await LocalWorkspace.create({
    workDir: projectFolder,
    envVars: { [OWN_TURN]: options.turn },
    program: program(known, to),
    pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
  });
  workspace.selectStack = async () => undefined; // it would become the user's current one
  const selected = await Stack.select(stack, workspace);
  // The engine's word is enough: these ask it again for what is known.
  selected.outputs = async () => ({});
  selected.info = async () => undefined;
  const target = [known.routing.urn];
  for (const deadline = Date.now() + LOCK_TIMEOUT; ;) {
    let said = "";
    const hear = (text: string) => void (said += text);
    try {
      await selected.up({ onOutput: hear, onError: hear, ...{ signal: options.signal, target }, ...UP });
      return options.onOutput(said);
    } catch (error) {
      const locked = error instanceof ConcurrentUpdateError;
      if (!locked || Date.now() > deadline || options.signal?.aborted) {
        options.onOutput(said);
        throw error;
      }
      options.onOutput("Another update of this stack has its lock: waiting for its end.\n");
      await wait(LOCK_PAUSE);
    }
  }
}

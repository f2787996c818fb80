import { SIGNATURE } from "../../routing/wire";
import { pulumi, type Demo, type StateResource } from "./stack";
import type { RoutingInputs } from "../../plan/routing";

/** A resource in a stack's state, with what a script needs to declare it again. */
export interface Deployed extends StateResource {
  urn: string;
  parent?: string;
  inputs?: Record<string, unknown>;
  /** Which resources each input came from. */
  propertyDependencies?: Record<string, string[]>;
}

/** The resource that says which color gets the traffic. */
export interface DeployedRouting extends Deployed {
  inputs: RoutingInputs & Record<string, unknown>;
}

/** A stack's state. Secrets are in the engine's wrapping. */
export class StackState {
  private readonly byUrn: Map<string, Deployed>;

  constructor(readonly resources: readonly Deployed[]) {
    this.byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  }

  /** The resource with this URN. */
  at(urn: string | undefined): Deployed | undefined {
    return urn === undefined ? undefined : this.byUrn.get(urn);
  }

  /** What the load balancer was last told; none before the first update. */
  get routing(): DeployedRouting | undefined {
    return this.resources.find(({ type }) => type === "bluegreen:index:Routing") as DeployedRouting | undefined;
  }

  /** The stack itself, whose outputs are the program's exports. */
  get root(): Deployed | undefined {
    return this.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  }
}

/**
 * A value from a state that was exported with its secrets in plain text, without the engine's wrapping of these.
 *
 * @param secret what becomes of a secret's value; by default it is a value as all others
 */
export function unwrapped(value: unknown, secret = (inner: unknown) => inner): unknown {
  if (Array.isArray(value)) return value.map((inner) => unwrapped(inner, secret));
  if (value === null || typeof value !== "object") return value;
  const { [SIGNATURE]: wrapping, plaintext } = value as { [SIGNATURE]?: unknown; plaintext?: string };
  if (wrapping !== undefined) return secret(JSON.parse(plaintext ?? "null"));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner, secret)]));
}

/** A resource's name, the last part of its URN. */
export const nameOf = (urn: string): string => urn.split("::").at(-1)!;

/** The options that name a stack among a Pulumi command's arguments; none where the selected one is meant. */
export function stackOption(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => /^(-s|--stack)(=|$)/.test(arg));
  if (at < 0) return [];
  return args[at]!.includes("=") ? [args[at]!] : args.slice(at, at + 2);
}

/** A command of npm as it is told to the user, for the stack that these options name. */
export const onStack = (command: string, stack: readonly string[]): string =>
  stack.length > 0 ? `${command} -- ${stack.join(" ")}` : command;

/**
 * A stack's state as the backend has it, with its secrets in plain text: for this process alone.
 *
 * @throws SetupError with Pulumi's words if there is no such stack
 */
export async function stateOf(engine: Demo, stack: readonly string[]): Promise<StackState> {
  const { deployment } = JSON.parse(await pulumi(engine, ["stack", "export", "--show-secrets", ...stack])) as {
    deployment?: { resources?: Deployed[] };
  };
  return new StackState(deployment?.resources ?? []);
}

import { shareOf, standbyLimit } from "../model/share";
import { otherColor, perColor, type Color, type PerColor } from "../model/color";
import type { Settings } from "../settings/settings";
import type { ContainerPlan } from "./container";

/** A command is told up to this length. */
const LONGEST = 100;

/** What runs once in each new version before its replicas are made. */
export interface ReleasePlan {
  /** Where Docker is, if the stack's config says so. */
  dockerHost?: string;
  command: string[];
  /** Whether `command` must not be shown. */
  secret: boolean;
  /** How long it may take, in milliseconds. */
  timeout: number;
  /** Another text has it run once more for what it has run for. */
  again?: string;
  /** The color with more of the traffic: where both have a new version, its command runs first. */
  first: Color;
}

/** A color's container for the command, with all that its replicas have. */
export interface ReleaseContainer extends ContainerPlan {
  /** The image's id. */
  image: string;
  /** Repository and tag. */
  version: string;
  /** The color's own first. */
  networks: string[];
  /** Volumes as Docker's API takes them: `data:/data:ro`. */
  binds: string[];
}

/** What the resource `Release` is given. */
export interface ReleaseInputs extends ReleasePlan {
  /** Whose containers they are, for their labels. */
  stack: string;
  /** The name of the load balancer's configuration volume: no other stack of this Docker has it. */
  loadBalancer: string;
  /** Those that have replicas. */
  colors: Partial<PerColor<ReleaseContainer>>;
}

/** What is to run once for each version; nothing where config asks for none. */
export function releasePlan(settings: Settings): ReleasePlan | undefined {
  const { release, activeColor, weights, hidden, docker } = settings;
  const { command, timeout, again } = release;
  if (command.length === 0) return undefined;
  const scale = perColor((color) => settings[color].scale);
  const first = shareOf(activeColor, scale, weights) >= standbyLimit ? "blue" : "green";
  return {
    ...(docker?.named && { dockerHost: docker.named }),
    ...{ command, timeout, secret: hidden.release, first },
    ...(again !== undefined && { again }),
  };
}

/** Both colors, in the order in which the command runs for them. */
export const inOrder = (first: Color): Color[] => [first, otherColor(first)];

/** The command in words; a secret one is told to nobody. */
export function commandText({ command, secret }: Pick<ReleasePlan, "command" | "secret">): string {
  if (secret) return "release.command";
  const text = command.join(" ").replaceAll(/\p{C}/gu, " ");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}

/** `shop:v5 for blue` */
export const versionFor = (version: string, colors: readonly Color[]): string =>
  `${version} for ${colors.join(" and ")}`;

/** `./migrate once in shop:v5 for blue before its replicas start` @param sure whether it is known that it has not run for that */
export const runsOnce = (
  plan: Pick<ReleasePlan, "command" | "secret">,
  version: string,
  colors: readonly Color[],
  sure: boolean,
): string =>
  `${commandText(plan)} once in ${versionFor(version, colors)} before its replicas start` +
  (sure ? "" : ", unless it has run for that image and environment before");

import { otherColor, type ActiveColor, type Color, type PerColor } from "../../model/color";
import type { Refusal, RolloutProgress } from "../../model/progress";
import { onStack } from "../common/deployed";
import { SetupError } from "../common/step";
import type { Change } from "./config";

/** What is known of one color. */
interface ColorFacts {
  /** By config: the image's repository, its tag, and how many replicas there are to be. */
  image: string;
  tag: string;
  scale: number;
  /** By Pulumi's state: repository and tag of what it runs, and that image's id. */
  runs: string;
  id: string;
}

/** What is known of a stack that is to get a new version. */
export interface Facts extends PerColor<ColorFacts> {
  /** What config, state and HAProxy say about which color serves. */
  config: ActiveColor;
  state: ActiveColor;
  live: ActiveColor;
  /** A rollback that was begun and not finished, in words. */
  unfinished?: string;
  /** A switch that is under way step by step, or was cut off. */
  rollout?: RolloutProgress;
  /** What a watch gave back last. */
  refusal?: Refusal;
  /** The id of the refusal that config allows to be tried again. */
  retry?: string;
}

/** Which color gets the new version, and what that changes in config. */
export interface Release {
  idle: Color;
  live: Color;
  /** What brings the new version to the idle color; none where it is there already. */
  first: Change[];
  /** What gives it the traffic. */
  then: Change;
}

/**
 * Where a new version goes.
 *
 * @param stack the options that name the stack, for the commands in messages
 * @throws SetupError that says why it cannot go anywhere just now, and what to do: nothing was changed
 */
export function releaseOf(facts: Facts, tag: string, stack: readonly string[] = []): Release {
  mustBeAtRest(facts, stack);
  const { config, live } = facts;
  if (live === "both")
    throw new SetupError(
      `No release: both colors serve, so none is idle.\nTo leave one of them idle: pulumi config set ${["activeColor", "green", ...stack].join(" ")} && ${onStack("npm run up", stack)}`,
    );
  if (config !== live) throw new SetupError(disagreement(facts, stack));
  const idle = otherColor(live);
  const [now, next] = [facts[live], facts[idle]];
  if (now.image === next.image && now.tag === tag)
    throw new SetupError(
      `Nothing to release: ${live} serves ${tag} already. To try again what is on ${idle}: npm run release -- ${next.tag}`,
    );
  mustNotBeRefused(facts, idle, tag, stack);
  const first: Change[] = [
    ...(next.tag === tag ? [] : [{ key: `${idle}.tag` as const, value: tag }]),
    ...(next.scale === now.scale ? [] : [{ key: `${idle}.scale` as const, value: now.scale }]),
  ];
  return { idle, live, first, then: { key: "activeColor", value: idle } };
}

function mustBeAtRest({ unfinished, rollout }: Facts, stack: readonly string[]): void {
  if (unfinished)
    throw new SetupError(
      `No release: ${unfinished} was not finished.\nTo finish it: ${onStack("npm run rollback", stack)}`,
    );
  if (rollout)
    throw new SetupError(
      `No release: a switch to ${rollout.color} is under way or was cut off, at step ${rollout.step} of ${rollout.steps}.\n` +
        `To take it up: ${onStack("npm run up", stack)}\nTo give the traffic back: ${onStack("npm run rollback", stack)}`,
    );
}

function disagreement({ config, state, live }: Facts, stack: readonly string[]): string {
  const set = ["pulumi config set activeColor", live, ...stack].join(" ");
  return config === state
    ? `No release: HAProxy was changed outside Pulumi: it serves ${live}, config and state say ${config}.\n` +
        `To put that right: ${onStack("npm run up", stack)}${stack.length > 0 ? "" : " --"} --refresh`
    : `No release: config asks for ${config}, but ${live} serves production.\n` +
        `To undo that edit: ${set}\nTo carry it out: ${onStack("npm run up", stack)}`;
}

/** The update would be refused by the same rule, but only after its first part. */
function mustNotBeRefused(
  { refusal, retry, ...facts }: Facts,
  idle: Color,
  tag: string,
  stack: readonly string[],
): void {
  const { id, runs, image } = facts[idle];
  if (!refusal || refusal.color !== idle || refusal.image !== id || runs !== `${image}:${tag}` || retry === refusal.id)
    return;
  throw new SetupError(
    `No release: ${tag} was given back at ${refusal.at}: ${refusal.why}\n` +
      `To try it again: pulumi config set ${["--path", "watch.retry", refusal.id, ...stack].join(" ")}`,
  );
}

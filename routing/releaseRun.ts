import type Docker from "dockerode";
import { readable } from "../docker/containerReport";
import { endContainer, findContainers } from "../docker/containers";
import { followToEnd, removeRun, runToEnd, type Ending } from "../docker/run";
import { RELEASE_LABEL } from "../model/labels";
import { commandText, type ReleaseInputs } from "../plan/release";
import { Interrupted, type Progress } from "./executor/wait";
import { dueRuns, runName, runOptions, RUN_LABEL, whereOf, withDone, type DueRun } from "./release";

/** So many of its lines stay on the resource's row; of further ones only the newest is seen. */
const MOST_LINES = 100;
/** As much as this of its end is kept for the error, in lines. */
const KEPT = 20;

/** A run that failed, and what those before it have done all the same. */
export class ReleaseError extends Error {
  constructor(
    message: string,
    readonly done: string[],
  ) {
    super(message);
  }
}

/** What a run takes. */
export interface Surroundings {
  docker: Docker;
  inputs: ReleaseInputs;
  progress: Progress;
  /** Ends it. */
  signal: AbortSignal;
}

/**
 * Runs what is due, one after the other, and never beside what a killed process left running.
 *
 * @returns the keys of all that has been run for
 * @throws ReleaseError if one fails
 */
export async function runDue(around: Surroundings, before: readonly string[]): Promise<string[]> {
  const { docker, inputs, progress, signal } = around;
  let done = [...before];
  const mine: string[] = [];
  try {
    done = await settleOthers(around, done);
    for (const run of dueRuns(inputs, done)) {
      if (signal.aborted) throw new Interrupted();
      await runOne(around, run, mine);
      done = withDone(done, run.key);
      progress.log(`${commandText(inputs)} ended well in ${whereOf(run)}`);
    }
    return done;
  } catch (error) {
    throw new ReleaseError((error as Error).message, done);
  } finally {
    // Only now: where this process is killed before, what has run is found by its container.
    for (const name of mine) await removeRun(docker, name).catch(() => undefined);
  }
}

/** A line as it may be shown, and the end of all that was written. */
function listener(envs: readonly string[], progress: Progress) {
  const last: string[] = [];
  let count = 0;
  const hear = (line: string) => {
    last.push(line);
    if (last.length > KEPT) last.shift();
    for (const text of readable(line, envs)) (++count > MOST_LINES ? progress.show : progress.log)(`  ${text}`);
  };
  return { hear, end: () => readable(last.join("\n"), envs) };
}

async function runOne({ docker, inputs, progress, signal }: Surroundings, run: DueRun, mine: string[]): Promise<void> {
  const { envs, networks } = run.container;
  const name = runName(inputs, run.key);
  const { hear, end } = listener(envs, progress);
  progress.log(`runs ${commandText(inputs)} in ${whereOf(run)}`);
  const how = { name, options: runOptions(inputs, run), networks: networks.slice(1), timeout: inputs.timeout };
  const ending = await runToEnd(docker, { ...how, signal, onLine: hear }).catch((error: Error) => {
    throw new Error(notStarted(inputs, run, readable(error.message, envs).join(" ")));
  });
  mine.push(name);
  const fault = faultOf(inputs, run, ending);
  if (!fault) return;
  const entrypoint = ending.stopped === "timeout" ? [ENTRYPOINT] : [];
  throw new Error([fault, ...end().map((line) => `    ${line}`), ...entrypoint, ...AFTERWARDS].join("\n"));
}

/** Else a server that got the command as its arguments, and serves, is not understood. */
const ENTRYPOINT = "The entrypoint, app.entrypoint or else the image's own, stays before release.command.";

const AFTERWARDS = [
  "Nothing else of this color was changed, and the traffic is where it was; the next pulumi up runs it again.",
];

const notStarted = (inputs: ReleaseInputs, run: DueRun, why: string) =>
  [
    `${commandText(inputs)} could not be run in ${whereOf(run)}: ${why}`,
    "    pulumi config set --path release.command[0] …",
    ...AFTERWARDS,
  ].join("\n");

function faultOf(inputs: ReleaseInputs, run: DueRun, { exitCode, outOfMemory, stopped }: Ending): string | undefined {
  const what = `${commandText(inputs)} in ${whereOf(run)}`;
  switch (stopped) {
    case "interrupted":
      return `interrupted: ${what} was stopped:`;
    case "timeout":
      return `${what} took longer than ${inputs.timeout / 1_000} s (release.timeout), and was stopped:`;
    case undefined:
      if (exitCode === 0) return undefined;
      return `${what} ended with ${exitCode}${outOfMemory ? " (out of memory: app.memory)" : ""}:`;
  }
}

/** What a killed process left of other runs: what still works is waited for, and what ended well is done. */
async function settleOthers(
  { docker, inputs, progress, signal }: Surroundings,
  before: readonly string[],
): Promise<string[]> {
  const due = new Set(dueRuns(inputs, before).map(({ key }) => runName(inputs, key)));
  const left = await findContainers(docker, RELEASE_LABEL, inputs.loadBalancer);
  let done = [...before];
  for (const { name, running, labels } of left.filter((one) => !due.has(one.name))) {
    if (running) progress.log("an earlier release command still runs: waiting for its end");
    const { exitCode, stopped } = await followToEnd(docker, {
      ...{ name, timeout: inputs.timeout, signal },
      onLine: (line) => progress.show(`  ${readable(line)[0] ?? ""}`),
    });
    const key = labels?.[RUN_LABEL];
    if (exitCode === 0 && !stopped && key) done = withDone(done, key);
    await removeRun(docker, name);
  }
  return done;
}

/** Takes away what a killed process left. */
export async function removeRuns(docker: Docker, loadBalancer: string): Promise<void> {
  for (const { name } of await findContainers(docker, RELEASE_LABEL, loadBalancer)) {
    await endContainer(docker, name);
    await removeRun(docker, name);
  }
}

import type { Desired, Observed } from "../../model/observed";

/** Stop these containers of the application's workers and wait for their end, then start those. */
export interface WorkerStep {
  kind: "workers";
  stop: string[];
  start: string[];
}

/**
 * What is to be done for the application's workers. What stops comes before what starts, so that two colors never work side by side
 * unless both are wanted. One that is wanted and already told to end is waited for, and started again.
 */
export function workerSteps(
  { workers = [] }: Pick<Observed, "workers">,
  { workers: wanted }: Pick<Desired, "workers">,
): WorkerStep[] {
  if (!wanted) return [];
  const stop = workers
    .filter(({ name, state }) => state === "stopping" || (state === "runs" && !wanted.includes(name)))
    .map(({ name }) => name);
  const running = new Set(workers.filter(({ state }) => state === "runs").map(({ name }) => name));
  const start = wanted.filter((name) => !running.has(name));
  return stop.length + start.length > 0 ? [{ kind: "workers", stop, start }] : [];
}

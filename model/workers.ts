import { COLORS, otherColor, type Color, type PerColor } from "./color";
import { partOf, standbyColor, type Share } from "./share";

/** One of the application's workers: the names of its containers, which both colors have, and when they run. */
interface Worker extends PerColor<readonly string[]> {
  /** Whether those of both colors run while both are live. */
  both: boolean;
}

/** The application's workers, by the names that config gives them. */
export type Workers = Readonly<Record<string, Worker>>;

/** A container of a worker, as Docker tells it. */
export interface WorkerContainer {
  name: string;
  /** One that is `stopping` still works, and has been told to end. */
  state: "runs" | "stopping" | "ended";
  /** Docker's own words, such as `Restarting (1) 2 seconds ago`. */
  status: string;
}

/** The colors whose containers of a worker run: the one that does not stand by; or both live ones. */
function colorsAt(share: Share, both: boolean): readonly Color[] {
  const live = COLORS.filter((color) => partOf(color, share) > 0);
  return both ? live : [otherColor(standbyColor(share))];
}

/** The names of the containers that are to run at a share. */
export const workersAt = (workers: Workers | undefined, share: Share): string[] =>
  Object.values(workers ?? {}).flatMap((worker) => colorsAt(share, worker.both).flatMap((color) => [...worker[color]]));

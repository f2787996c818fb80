import type { Color } from "../../../model/color";
import type { Change } from "./config";

/** How a running update is broken off. */
export type Break = "SIGINT" | "SIGTERM" | "SIGKILL" | "kill -9 of the provider";

/** Whom a fault of fate may meet. */
export type Victim = "replica" | "proxy" | "every proxy" | "staging" | "metrics" | "production" | "old worker";

/** What happens to it: `crash` ends its process, and Docker starts it again; `cut` takes it off its network. */
export type Harm = "kill" | "stop" | "remove" | "crash" | "cut";

/** One step of a life, as data, so that a printed life can be lived again. */
export type Step =
  /** A change that `up` carries out. */
  | { do: "up"; what: string; set: Change }
  /** A change that is tried and taken back. */
  | { do: "try"; what: string; set: Change }
  /** `npm run rollback`, to this color. */
  | { do: "rollback"; to: Color }
  /** A change whose `up` must fail without touching production; it is taken back after that. */
  | { do: "fail"; what: string; set: Change }
  /** A config that must be refused before anything is touched. */
  | { do: "refuse"; what: string; set: Change }
  /** A change whose `up` is broken off after so many milliseconds, and done by the next one. */
  | { do: "break"; what: string; set: Change; by: Break; after: number }
  /** A change that two `up` carry out at once. */
  | { do: "twice"; what: string; set: Change; after: number }
  /** A fault of fate, and its mending. `meanwhile`: a change that is made before that. */
  | { do: "hurt"; whom: Victim; how: Harm; color?: Color; index: number; meanwhile?: Change };

/** A step in a line. */
export function told(step: Step): string {
  switch (step.do) {
    case "rollback":
      return `rollback to ${step.to}`;
    case "hurt": {
      const { how, color, whom, index, meanwhile } = step;
      const then = meanwhile ? `, then ${JSON.stringify(meanwhile)}` : "";
      return [how, color, whom, index].filter((part) => part !== undefined).join(" ") + then;
    }
    case "break":
      return `${step.what} ${JSON.stringify(step.set)}, broken off by ${step.by} after ${step.after} ms`;
    default:
      return `${step.do}: ${step.what} ${JSON.stringify(step.set)}`;
  }
}

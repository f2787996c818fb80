import type { EdgeInputs } from "../../plan/routing";
import type { Balancer } from "../executor/balancer";
import type { Observed } from "../../model/observed";

/** One of several machines that visitors reach, and the load balancer on it. */
export interface Edge extends Pick<EdgeInputs, "name" | "host" | "proxies"> {
  balancer: Balancer;
}

/** An edge, and what it does. */
export interface Seen {
  edge: Edge;
  observed: Observed;
}

/** `edge2 (ssh://edge2)` */
export const edgeText = ({ name, host }: Edge): string => `${name} (${host})`;

/** So many edges are named where all have the same to say. */
const NAMED = 3;

/** What edges say, each sentence once. */
export function sayings(all: readonly { edge: Edge; what: string }[]): string {
  const by = new Map<string, Edge[]>();
  for (const { edge, what } of all) by.set(what, [...(by.get(what) ?? []), edge]);
  return [...by]
    .map(([what, edges]) => {
      const more = edges.length > NAMED ? ` and ${edges.length - NAMED} more` : "";
      return `${edges.slice(0, NAMED).map(edgeText).join(", ")}${more}: ${what}`;
    })
    .join("; ");
}

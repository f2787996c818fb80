import type { Explanation } from "./explain";
import type { Containers } from "./containers";
import type { StepLine } from "./stepLine";
import { closedBy, type WayBack } from "./wayBack";

/** `3 replaced, 1 created` */
export const numbersOf = ({ created, replaced, removed }: Containers): string =>
  Object.entries({ created, replaced, removed })
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what}`)
    .join(", ");

/** `move the traffic`, `wait …, 60 s at most (gate.timeout)` */
export const stepText = ({ text, atMost, key }: StepLine): string =>
  atMost === undefined ? text : `${text}, ${atMost / 1_000} s at most (${key})`;

/** The way back in a line. */
const wayBackText = ({ to, open, text, command }: WayBack): string =>
  open ? `${text}: ${command} (closed by ${closedBy(to)})` : `none: ${text}`;

/** What a terminal shows of an explanation: the verdict, then a line for each thing that moves. */
export function lines({ verdict, audiences, containers, ports, steps, wayBack, risks }: Explanation): string[] {
  const moved = audiences.filter(({ before, after }) => before !== after);
  return [
    verdict,
    ...moved.map(({ at, who, before, after }) => `  ${at}, ${who}: ${before} → ${after}`),
    ...containers.map((one) => `  ${one.what}: ${one.before} → ${one.after} (${numbersOf(one)})`),
    ...ports.opened.map((port) => `  new port: ${port}`),
    ...ports.closed.map((port) => `  port closed: ${port}`),
    ...steps.map((step, index) => `  step ${index + 1}: ${stepText(step)}`),
    ...(wayBack ? [`  way back: ${wayBackText(wayBack)}`] : []),
    ...risks.map(({ name, text, refused }) => `  ${refused ? "refused" : "risk"}, ${name}: ${text}`),
  ];
}

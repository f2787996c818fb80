import { COLORS, type Color } from "../model/color";
import type { Site } from "./site";

/** How many containers of one kind a change makes and takes away. */
export interface Containers {
  what: string;
  before: number;
  after: number;
  /** New ones beside what stays. */
  created: number;
  /** New ones in the place of old ones. */
  replaced: number;
  removed: number;
}

function compared(what: string, before: readonly string[], after: readonly string[]): Containers {
  const fresh = after.filter((name) => !before.includes(name)).length;
  const gone = before.filter((name) => !after.includes(name)).length;
  const replaced = Math.min(fresh, gone);
  const numbers = { created: fresh - replaced, replaced, removed: gone - replaced };
  return { what, before: before.length, after: after.length, ...numbers };
}

/** What becomes of a color's replicas. */
export const replicasOf = (before: Site | undefined, after: Site, color: Color): Containers =>
  compared(`${color}'s replicas`, before?.replicas[color] ?? [], after.replicas[color]);

/** What becomes of the proxies. */
export const proxiesOf = (before: Site | undefined, after: Site): Containers =>
  compared("proxies", before?.proxies ?? [], after.proxies);

const address = ({ listener, bind, port }: Site["holders"][number]) => `${listener} on ${bind}:${port}`;

/** The published ports that come and go. */
export function portsOf(before: Site | undefined, after: Site): { opened: string[]; closed: string[] } {
  const [was, is] = [before?.holders ?? [], after.holders].map((holders) => holders.map(address));
  return {
    opened: is!.filter((one) => !was!.includes(one)),
    closed: was!.filter((one) => !is!.includes(one)),
  };
}

/** Whether anything is made or taken away. */
export const changes = ({ created, replaced, removed }: Containers): boolean => created + replaced + removed > 0;

/** All containers of a site by kind. */
export const containersOf = (before: Site | undefined, after: Site): Containers[] => [
  ...COLORS.map((color) => replicasOf(before, after, color)),
  proxiesOf(before, after),
];

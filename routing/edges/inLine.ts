import { isDeepStrictEqual } from "node:util";
import type { MapFiles } from "../../model/observed";
import { eachOf } from "../executor/eachOf";
import { deserted } from "../executor/revert";
import type { Seen } from "./edge";
import { newestRecord, newestValue } from "./newest";

/**
 * Has an edge that missed something do what holds elsewhere, as far as no reload is needed for it: the share, maintenance and the records.
 * A share for which it has no replica is left to the steps that bring it some.
 *
 * @param all     what all edges do
 * @param through the names of the edge's own proxies
 * @param stamp   where nobody has written down when, it was now
 */
export async function bringInLine(
  seen: Seen,
  all: readonly Seen[],
  through: readonly string[],
  stamp: number,
): Promise<void> {
  const { balancer } = seen.edge;
  await bringMap("maintenance", seen, all, through, stamp);
  const share = newestValue(all, "share")?.value;
  if (share !== undefined && deserted(seen.observed, share).length === 0)
    await bringMap("share", seen, all, through, stamp);
  for (const name of ["rollout", "refusal"] as const) {
    const record = newestRecord(all, name);
    if (!isDeepStrictEqual(record, seen.observed[name])) await balancer.writeRecord(through, name, record);
  }
}

/** The file first, so that a proxy that starts comes up with it; then every worker. */
async function bringMap(
  map: keyof MapFiles,
  { edge: { balancer }, observed }: Seen,
  all: readonly Seen[],
  through: readonly string[],
  now: number,
): Promise<void> {
  const newest = newestValue(all, map);
  if (!newest) return;
  const { value, stamp = now } = newest;
  if (observed[map] !== value) await balancer.writeMap(through, map, Number(value), stamp);
  const behind = observed.proxies.filter(({ workers }) => workers.some((worker) => worker[map] !== value));
  await eachOf(behind, behind.length, (proxy) => balancer.setMap(proxy, map, Number(value)));
}

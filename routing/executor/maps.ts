import type { MapName } from "./balancer";
import type { Observed, ObservedWorker } from "../../model/observed";
import { partOf, percentText, type Share } from "../../model/share";
import { COLORS } from "../../model/color";
import { eachOf } from "./eachOf";
import type { StepContext } from "./stepContext";

const percent = (share: Share) =>
  COLORS.filter((color) => partOf(color, share) > 0)
    .map((color) => `${color} ${percentText(partOf(color, share))}`)
    .join(", ");

/** Sets a value everywhere and reads it back. File first, so that a proxy that restarts comes up with it; then every worker. */
async function setMap<K extends MapName>(
  map: K,
  value: NonNullable<Observed[K]>,
  { balancer, inputs }: StepContext,
): Promise<void> {
  await balancer.writeMap(inputs.proxies, map, Number(value));
  const { proxies } = await balancer.observe();
  await eachOf(proxies, proxies.length, (proxy) => balancer.setMap(proxy, map, Number(value)));
  const after = await balancer.observe();
  // A worker of an earlier version knows no maintenance.
  const differs = (worker: ObservedWorker) =>
    (worker[map] as unknown) !== value && (map === "share" || worker[map] !== undefined);
  const wrong = after.proxies.filter(({ workers }) => workers.some(differs)).map(({ name }) => name);
  const files = [after, ...(after.elsewhere ?? [])];
  if (wrong.length > 0 || files.some((file) => file[map] !== value))
    throw new Error(`${map} could not be set to ${value} on ${wrong.join(", ") || "the volume"}`);
}

/** Sets the share. @throws Error if it is not in force everywhere then */
export async function shift(share: Share, context: StepContext): Promise<void> {
  await setMap("share", share, context);
  context.progress.log(`traffic: ${percent(share)}`);
}

/** Sets whether production is closed. @throws Error if it is not in force everywhere then */
export async function maintain(on: boolean, context: StepContext): Promise<void> {
  await setMap("maintenance", on, context);
  context.progress.log(on ? "production answers with the maintenance page" : "production is open");
}

import type { Workers } from "../model/workers";
import { perColor, type Color, type PerColor } from "../model/color";
import type { Plan, WorkerPlan } from "./plan";

/** {@link Workers}, with something else in the place of the containers' names. */
export type PerWorker<T> = Record<string, { both: boolean } & PerColor<T>>;

/** Something for each worker of each color, by the names that config gives the workers: both colors have the same ones. */
export function perWorker<T>(
  { blue, green }: Plan["services"],
  of: (worker: WorkerPlan, color: Color) => T,
): PerWorker<T> {
  const services = { blue, green };
  const all = blue.workers.map(({ name, both }, index): [string, PerWorker<T>[string]] => [
    name,
    { both, ...perColor((color) => of(services[color].workers[index]!, color)) },
  ]);
  return Object.fromEntries(all);
}

/** The workers of a plan. */
export const workersIn = ({ services }: Plan): Workers => perWorker(services, ({ containers }) => containers);

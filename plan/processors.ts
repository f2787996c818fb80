import type { Plan } from "./plan";
import { COLORS, type Color } from "../model/color";

/** A key that gives a replica more processors than the Docker host has. */
export interface TooManyCpus {
  key: string;
  cpus: number;
}

/**
 * The keys for which Docker would make no replica: `Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available`.
 *
 * @param host how many processors the Docker host has
 * @param keyOf where a color's number stands in the config
 */
export function tooManyCpus({ services }: Plan, host: number, keyOf: (color: Color) => string): TooManyCpus[] {
  const found = COLORS.filter((color) => services[color].replicas.length > 0)
    .map((color) => ({ key: keyOf(color), cpus: Number(services[color].cpus ?? 0) }))
    .filter(({ cpus }) => cpus > host);
  return found.filter(({ key }, index) => found.findIndex((one) => one.key === key) === index);
}

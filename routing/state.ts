import type { RoutingInputs } from "../plan/routing";
import type { PerColor } from "../model/color";

/** What the state of the resource `Routing` holds. */
export interface RoutingState extends RoutingInputs {
  /** The image with which each color last had traffic. */
  served: Partial<PerColor<string>>;
  /** The replicas with which each color last had traffic; an earlier version did not keep them. */
  servedBy?: Partial<PerColor<string[]>>;
}

/**
 * The state that a version of this program left, as today's program knows it. What an earlier version did not keep is
 * empty: `networks`, `images` and `versions` have the text "" for a color, `holders` none. Its `settings` are those of that version:
 * see `isCurrent`.
 */
export function upgradeState(state: object): RoutingState {
  const nothing = { blue: "", green: "" };
  const missing = { version: 0, networks: nothing, images: nothing, versions: nothing };
  const without = { holders: [], certificates: [], maintenance: false };
  return { ...missing, ...without, served: {}, ...defined(state) } as unknown as RoutingState;
}

/** The engine hands on what an earlier version left out as undefined. What the last update changed is no part of what is. */
const defined = (state: object) =>
  Object.fromEntries(Object.entries(state).filter(([key, value]) => key !== "change" && value !== undefined));

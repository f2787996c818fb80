import type { HaproxySettings, PageName } from "../haproxy/config/settings";
import type { PublishedHolder } from "../plan/holders";
import { ROUTING_VERSION } from "../plan/routing";
import type { ActiveColor, PerColor, Share } from "../model/color";

/** What the resource `Routing` is given, as plain values. The doc comments are at `RoutingArgs` in `components/routing.ts`. */
export interface RoutingInputs {
  version: number;
  dockerHost?: string;
  loadBalancer: string;
  proxies: string[];
  replicas: PerColor<string[]>;
  /** Not in a state of an earlier version. */
  networks?: PerColor<string>;
  images: PerColor<string>;
  allowSmaller: boolean;
  holders: PublishedHolder[];
  previewKey: string;
  metricsPassword: string;
  pages: Record<PageName, string>;
  certificates: string[];
  maintenance: boolean;
  activeColor: ActiveColor;
  share: Share;
  settings: HaproxySettings;
  /** Milliseconds. */
  gateTimeout: number;
  /** Milliseconds. */
  drainTimeout: number;
}

/** What the resource knows besides its inputs. */
export interface RoutingState extends RoutingInputs {
  /** The image with which each color last had traffic. */
  served?: Partial<PerColor<string>>;
}

/** Whether a state has all that this version renders; one of an earlier version has not, until it was updated. */
export const isCurrent = ({ version }: Partial<RoutingInputs>): boolean => version === ROUTING_VERSION;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The value without the wrapping in which the engine sends a secret, at any depth. */
export function plain<T>(value: unknown): T {
  if (Array.isArray(value)) return value.map((inner) => plain(inner)) as T;
  if (value === null || typeof value !== "object") return value as T;
  const wrapped = value as Record<string, unknown>;
  if (wrapped[SIGNATURE] === SECRET) return plain(wrapped["value"]);
  return Object.fromEntries(Object.entries(wrapped).map(([key, inner]) => [key, plain(inner)])) as T;
}

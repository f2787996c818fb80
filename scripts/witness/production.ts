import { remoteHost } from "../../docker/endpoint";
import { urlOf } from "../../plan/loadBalancer";
import { REVEAL_HEADER } from "../../haproxy/config/previewKey";
import type { ActiveColor } from "../../model/color";
import { unwrapped, type StackState } from "../common/deployed";
import { startLoad, type Load } from "./load";

/** A stack's production, as a prober needs it. */
export interface Production {
  url: string;
  /** The color that is to serve it. */
  activeColor: ActiveColor;
  /** The name that requests ask for, where the site answers to its own names alone. */
  host?: string;
  /** The response header that names the color, or false for none. */
  colorHeader: string | false;
  /** The stack's preview key, where the color must be asked for with it, and it may be sent to this URL. */
  key?: string;
}

/** The rate of the prober: four connections with a request every 200 ms each, so 20 a second. */
const RATE = { keepAlive: 2, fresh: 2, idle: 1, paceMs: 200 };
/** A user may think about a preview for long, and the prober goes on: four and a half hours at that rate. */
const BOUNDS = { maxSeconds: 16_000, maxRequests: 400_000 };

/** The production that a stack has by its state; none before its first update. */
export function productionIn(state: StackState): Production | undefined {
  const outputs = unwrapped(state.root?.outputs ?? {}) as Record<string, unknown>;
  const { activeColor, productionUrl, previewKey } = outputs;
  if (!state.routing || typeof productionUrl !== "string") return undefined;
  // A state of an earlier version has neither holders nor hosts.
  const { settings, holders = [], dockerHost } = state.routing.inputs;
  const { colorHeader, hosts = [] } = settings;
  const listener =
    holders.find((one) => one.listener === "https") ?? holders.find((one) => one.listener === "production");
  const elsewhere = remoteHost(dockerHost ?? process.env["DOCKER_HOST"]);
  const url = listener ? urlOf({ ...listener, name: listener.listener }, elsewhere) : productionUrl;
  const [host] = hosts.map((name) => name.replace(/^\*/, "www"));
  const key = colorHeader === false && !elsewhere && isPlain(url) ? previewKey : undefined;
  return {
    ...{ url, activeColor: activeColor as ActiveColor, colorHeader },
    ...(host && { host }),
    ...(typeof key === "string" && { key }),
  };
}

/** By TLS we do not know who is at the other end: a load balancer may have made its certificate itself. */
const isPlain = (url: string) => URL.parse(url)?.protocol === "http:";

/** What is not to be known of the answers, and why; nothing where colors are seen. */
export const unseen = ({ colorHeader, key }: Production): string | undefined =>
  colorHeader === false && key === undefined
    ? "responses do not name their color (loadBalancer.colorHeader: false), and the preview key, which asks for it, is sent only to " +
      "the stack's own port on this machine, without TLS: so which color answers is not seen"
    : undefined;

/** The headers by which a probe asks for an answer that names its color, where answers do not by themselves. */
const probeHeaders = ({ host, key }: Omit<Production, "activeColor">): Record<string, string> => ({
  ...(host && { host }),
  ...(key && { [REVEAL_HEADER]: key }),
});

/**
 * Sends real requests through production until it is stopped, at a rate that no site notices: GET alone, over
 * kept-alive, fresh and idle connections. A redirect is a good answer.
 *
 * @param path of the URL, as `/health?deep=1`
 */
export function startProbing(production: Omit<Production, "activeColor">, path = "/"): Load {
  const { url, colorHeader } = production;
  return startLoad(new URL(path, url).href, {
    ...RATE,
    ...BOUNDS,
    ...{ methods: ["GET"], redirects: true, headers: probeHeaders(production) },
    ...(colorHeader ? { colorHeader } : {}),
  });
}

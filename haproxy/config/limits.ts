import { perColor, type Color, type PerColor } from "../../model/color";
import { haproxyConfig } from "./config";
import { metricsPages } from "./replicas";
import type { HaproxyInputs, HaproxySettings, PageName } from "./settings";
import { type Slot, slotName } from "../../model/slot";

/** What the text is made from: a part of a plan. */
interface Wanted {
  site: string;
  services: PerColor<{ replicas: readonly string[] }>;
  routing: { settings: HaproxySettings; pages: Record<PageName, string> };
}

/** Words in a line of HAProxy's configuration: `MAX_LINE_ARGS` of its `include/haproxy/defaults.h`. */
const WORDS = 64;
/** Bytes of a file that HAProxy answers with, of its buffer of 16,384: the rest is for the head. */
const ANSWER = 15_360;

/** A container's name is at most this long: it is a label of a DNS name. */
const LONGEST_NAME = 63;

const bytes = (text: string) => new TextEncoder().encode(text).length;

/** The words of a line, as HAProxy's parser splits it; a comment has none. */
function words(line: string): number {
  const bare = line.replace(/\\./g, "x").replace(/'[^']*'|"[^"]*"/g, "x");
  return (/^[^#]*/.exec(bare)?.[0] ?? "").split(/\s+/).filter(Boolean).length;
}

/** As many slots as a change of all replicas needs, with names of the greatest length. */
function fullSlots({ services }: Wanted): PerColor<Slot[]> {
  const of = (color: Color): Slot[] =>
    [...services[color].replicas, ...services[color].replicas].map((_, index) => ({
      name: slotName(color, index).padEnd(LONGEST_NAME, "x"),
      gated: true,
    }));
  return perColor(of);
}

/**
 * What HAProxy would refuse of a plan, told before a container is made: its text is rendered for the slots that a
 * change of all replicas needs, and held against HAProxy's own limits.
 *
 * @returns a sentence for each; none where all is well
 */
export function haproxyFaults(wanted: Wanted): string[] {
  const { settings, pages } = wanted.routing;
  const list = { hosts: "hosts", domains: "domains", trustedProxies: "proxies", certificates: "certificates" };
  const stand = { previewKey: "x".repeat(32), metricsPassword: "x".repeat(32) };
  const inputs: HaproxyInputs = { ...settings, ...stand, pages: { maintenance: "a", unavailable: "b" }, lists: list };
  const slots = fullSlots(wanted);
  const lines = haproxyConfig(inputs, slots, "x").split("\n");
  const answers = [
    ...Object.entries(pages).map(([name, text]) => ({ what: `pages.${name}`, text })),
    ...metricsPages(slots, wanted.site).map(({ path, text }) => ({ what: `the metrics at ${path}`, text })),
  ];
  return [
    ...lines
      .filter((line) => words(line) > WORDS)
      .map(
        (line) =>
          `HAProxy takes ${WORDS} words in a line, and this one has ${words(line)}: ${line.trim().slice(0, 120)}…`,
      ),
    ...answers
      .filter(({ text }) => bytes(text) > ANSWER)
      .map(({ what, text }) => `HAProxy answers with ${ANSWER} bytes at most, and ${what} has ${bytes(text)}`),
  ];
}

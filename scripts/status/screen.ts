import { partOf, percentText, type Share } from "../../model/share";
import { COLORS, type Color, type PerColor } from "../../model/color";
import type { Recent } from "./requests";
import { rolloutLines, type RolloutLook } from "./rollout";

/** What one look at a stack shows. */
export interface Snapshot {
  stack: string;
  share: Share | undefined;
  maintenance: boolean;
  colors: PerColor<ColorLook>;
  /** The proxies' names, and how many of them serve. */
  proxies: { name: string; serves: boolean; old: number }[];
  rollout?: RolloutLook;
  /** The application's workers: how many of each color's containers run, and how many there are. */
  workers?: { name: string; run: PerColor<number>; all: PerColor<number> }[];
}

/** One color of it. */
export interface ColorLook extends Recent {
  tag: string;
  healthy: number;
  replicas: number;
  /** Per second; undefined in the first look. */
  rate: number | undefined;
  /** Requests and websockets that are open. */
  open: number;
}

const WIDTH = 40;
const ANSI: Record<Color, string> = { blue: "\x1b[34m", green: "\x1b[32m" };
const RESET = "\x1b[0m";

const bar = (share: Share, colored: boolean) => {
  const cells = Math.round((share / 10_000) * WIDTH);
  const part = (color: Color, count: number, sign: string) =>
    colored ? `${ANSI[color]}${"█".repeat(count)}${RESET}` : sign.repeat(count);
  return part("blue", cells, "b") + part("green", WIDTH - cells, "g");
};

const milliseconds = (time: number | undefined) => (time === undefined ? "–" : `${Math.round(time)} ms`);

function row(color: Color, look: ColorLook, share: Share | undefined): string {
  const { tag, healthy, replicas, rate, errors, p50, p99, open } = look;
  const leaving = share !== undefined && partOf(color, share) === 0 && open > 0 ? "  still at work" : "";
  const cells = [`${healthy}/${replicas}`, rate === undefined ? "…" : rate.toFixed(1), `${errors}`];
  const times = [milliseconds(p50), milliseconds(p99), `${open}`];
  return `${color.padEnd(6)}${tag.padEnd(12).slice(0, 12)}${[...cells, ...times].map((cell) => cell.padStart(11)).join("")}${leaving}`;
}

/**
 * The whole screen, line by line.
 *
 * @param seconds the time that errors and percentiles are taken over
 */
export function screenOf(
  { stack, share, maintenance, colors, proxies, rollout = {}, workers = [] }: Snapshot,
  seconds: number,
  colored: boolean,
): string {
  const parts =
    share === undefined
      ? "no share is set"
      : `${bar(share, colored)}  ${COLORS.map((color) => `${color} ${percentText(partOf(color, share))}`).join(", ")}`;
  const heads = ["healthy", "requests/s", `5xx/${seconds}s`, "p50", "p99", "open"];
  return [
    `${stack}${maintenance ? ": production is closed for maintenance" : ""}`,
    "",
    parts,
    ...rolloutLines(rollout),
    "",
    `${" ".repeat(18)}${heads.map((head) => head.padStart(11)).join("")}`,
    ...COLORS.map((color) => row(color, colors[color], share)),
    "",
    ...proxies.map(({ name, serves, old }) => {
      const state = serves ? "serves" : "does not serve";
      return `${name}  ${state}${old > 0 ? `, ${old} old ${old === 1 ? "worker" : "workers"}` : ""}`;
    }),
    ...workers.map(
      ({ name, run, all }) =>
        `${name}  ${COLORS.map((color) => `${run[color]}/${all[color]} of ${color}`).join(", ")} run`,
    ),
  ].join("\n");
}

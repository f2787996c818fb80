import { COLORS, perColor, type Color, type PerColor } from "../../model/color";

/** What a line of the access log says, as far as it is shown. */
export interface Entry {
  color: Color;
  status: number;
  totalMs: number;
}

/** One color's requests of the last seconds. */
export interface Recent {
  /** Answers with 5xx. */
  errors: number;
  /** Milliseconds; undefined while too little is known. */
  p50: number | undefined;
  p99: number | undefined;
}

/** How many requests of each color are kept, and how many are enough to tell of one in a hundred. */
const MOST = 20_000;
const ENOUGH = 20;

/** A line of the access log; undefined for any other line, and for a request that no color was chosen for. */
export function entryOf(line: string): Entry | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { listener, color, status, totalMs } = JSON.parse(line) as Record<string, unknown>;
    if (listener !== "production" && listener !== "production~") return undefined;
    const known = COLORS.find((one) => one === color);
    return known && { color: known, status: Number(status), totalMs: Number(totalMs) };
  } catch {
    return undefined;
  }
}

const at = (sorted: readonly number[], part: number) => sorted[Math.floor(part * (sorted.length - 1))];

/** The requests of the last seconds. */
export class Requests {
  private readonly kept = perColor((): (Entry & { at: number })[] => []);

  /** @param span how many milliseconds a request is kept */
  constructor(readonly span: number) {}

  add(entry: Entry, now = performance.now()): void {
    const list = this.kept[entry.color];
    list.push({ ...entry, at: now });
    if (list.length > MOST) list.splice(0, MOST / 10);
  }

  recent(now = performance.now()): PerColor<Recent> {
    return perColor((color) => {
      const list = this.kept[color].filter((entry) => now - entry.at <= this.span);
      this.kept[color] = list;
      const times = list.map(({ totalMs }) => totalMs).sort((one, next) => one - next);
      const errors = list.filter(({ status }) => status >= 500).length;
      return { errors, p50: at(times, 0.5), p99: times.length >= ENOUGH ? at(times, 0.99) : undefined };
    });
  }
}

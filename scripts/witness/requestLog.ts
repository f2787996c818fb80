import type { Method } from "./request";

/** The kinds of connections that the load makes. */
export const KINDS = ["keepAlive", "fresh", "slow", "idle"] as const;
export type Kind = (typeof KINDS)[number];

/** One request, after it ended. Times are `performance.now()` of this process. */
export interface Entry {
  kind: Kind;
  method: Method;
  /** When it was asked for: nothing of it was sent before. */
  sentAt: number;
  /** When its last byte came, or it failed. */
  answeredAt: number;
  /** 0 if there was no answer. */
  status: number;
  color: string | undefined;
  /** Why there was no whole answer. */
  error: string | undefined;
}

const CHUNK = 8192;
const FIELDS = 7;
const MOST_NAMES = 1000;

/** Every request of a load, as plain numbers in chunks: 56 bytes each, so 28 MB for 500,000. */
export class RequestLog {
  private readonly chunks: Float64Array[] = [];
  private readonly names = new Names();
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(entry: Entry): void {
    const at = (this.count++ % CHUNK) * FIELDS;
    if (at === 0) this.chunks.push(new Float64Array(CHUNK * FIELDS));
    const cells = this.chunks.at(-1)!;
    cells[at] = entry.sentAt;
    cells[at + 1] = entry.answeredAt;
    cells[at + 2] = KINDS.indexOf(entry.kind);
    cells[at + 3] = entry.method === "GET" ? 0 : 1;
    cells[at + 4] = entry.status;
    cells[at + 5] = this.names.numberOf(entry.color);
    cells[at + 6] = this.names.numberOf(entry.error);
  }

  /** All of them, in the order in which they ended. */
  *entries(): Generator<Entry> {
    for (let index = 0; index < this.count; index++) {
      const cells = this.chunks[Math.floor(index / CHUNK)]!;
      const at = (index % CHUNK) * FIELDS;
      yield {
        sentAt: cells[at]!,
        answeredAt: cells[at + 1]!,
        kind: KINDS[cells[at + 2]!]!,
        method: cells[at + 3] === 0 ? "GET" : "POST",
        status: cells[at + 4]!,
        color: this.names.textOf(cells[at + 5]!),
        error: this.names.textOf(cells[at + 6]!),
      };
    }
  }
}

/** Texts that come again and again, by number; bounded, since a broken server may send anything. */
class Names {
  private readonly texts: (string | undefined)[] = [undefined, "(something else)"];
  private readonly numbers = new Map(this.texts.map((text, number) => [text, number]));

  numberOf(text: string | undefined): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    if (this.texts.length >= MOST_NAMES) return 1;
    this.numbers.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  textOf(number: number): string | undefined {
    return this.texts[number];
  }
}

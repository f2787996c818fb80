import type { Readable } from "node:stream";
import { readable } from "../docker/containerReport";

/** So many lines are told, */
const TOLD = 200;
/** and so many are kept for an error. */
const KEPT = 20;
/** Of a line so much is looked at, in characters. */
const LONGEST = 2_000;

/** What a command writes, line by line and fit to be shown. It takes everything, and keeps little. */
export class Output {
  /** The last lines. */
  readonly last: string[] = [];
  private told = 0;

  constructor(private readonly tell: (line: string) => void) {}

  hear(stream: Readable): void {
    let begun = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const parts = text.split("\n");
      for (const [index, part] of parts.entries()) {
        begun = (begun + part.slice(0, LONGEST)).slice(0, LONGEST);
        if (index === parts.length - 1) continue;
        this.line(begun);
        begun = "";
      }
    });
    stream.on("end", () => this.line(begun));
    stream.on("error", () => undefined); // who closes it has heard enough
  }

  private line(text: string): void {
    const shown = readable(text).at(-1);
    if (shown === undefined) return;
    this.last.push(shown);
    if (this.last.length > KEPT) this.last.shift();
    this.told++;
    if (this.told <= TOLD) this.tell(shown);
    if (this.told === TOLD + 1) this.tell("… (more is not shown)");
  }
}

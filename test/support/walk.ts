import assert from "node:assert/strict";
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { randomUUID } from "node:crypto";

/** Commands of a page that stand in one fence, and what the page shows as their output. */
interface Commands {
  script: string;
  /** The lines of the `text` fence that follows, if one does. */
  shown?: string[];
}

/** A part of a page, from one heading to the next. */
export interface Section {
  title: string;
  commands: Commands[];
}

const HEADING = /^## (.+)$/;
const FENCE = /^```(\w*)$/;
/** Above a fence: what a test can't do, or does in another way. */
const BY_HAND = "<!-- by hand -->";
/** In an output: anything, or nothing. */
const ANYTHING = "…";

/** The sections of a page that have commands in `sh` fences, less those that are to be run by hand. */
export function sectionsOf(page: string): Section[] {
  const sections: Section[] = [];
  const lines = page.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const title = HEADING.exec(lines[at]!)?.[1];
    if (title) sections.push({ title, commands: [] });
    const language = FENCE.exec(lines[at]!)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    const inside = lines.slice(at + 1, end);
    const commands = sections.at(-1)?.commands;
    if (language === "sh" && lines[at - 1] !== BY_HAND) commands?.push({ script: inside.join("\n") });
    else if (language === "text" && commands?.length) commands.at(-1)!.shown = inside;
    at = end;
  }
  return sections.filter(({ commands }) => commands.length > 0);
}

const squeezed = (line: string) => line.trim().replace(/\s+/g, " ");
const counted = (line: string) => /^(\d+) (.+)$/.exec(line)?.slice(1) as [string, string] | undefined;

/**
 * Compares what commands wrote with what the page shows. Spaces don't matter. `…` stands for any lines. Of several counts in
 * a block, as `uniq -c` writes them, each may be off by a tenth of their sum: they are chance.
 *
 * @throws AssertionError that shows both
 */
export function assertShown(output: string, shown: readonly string[]): void {
  const got = output.split("\n").map(squeezed).filter(Boolean);
  const expected = shown.map(squeezed).filter(Boolean);
  const told = expected.flatMap((line) => counted(line)?.[0] ?? []).map(Number);
  const slack = told.length > 1 ? told.reduce((sum, count) => sum + count, 0) / 10 : 0;
  const same = (line: string, wanted: string) => {
    const [own, other] = [counted(line), counted(wanted)];
    if (!own || !other) return line === wanted;
    return own[1] === other[1] && Math.abs(Number(own[0]) - Number(other[0])) <= slack;
  };
  assert.ok(fits(got, expected, same), `the page shows\n${shown.join("\n")}\nand this came:\n${output}`);
}

function fits(got: string[], expected: string[], same: (line: string, wanted: string) => boolean): boolean {
  const [wanted, ...rest] = expected;
  if (wanted === undefined) return got.length === 0;
  if (wanted === ANYTHING) return fits(got, rest, same) || (got.length > 0 && fits(got.slice(1), expected, same));
  return got.length > 0 && same(got[0]!, wanted) && fits(got.slice(1), rest, same);
}

/** One bash for a whole page, so that a later command finds the variables and functions of an earlier one. */
export class Shell {
  private readonly bash: ChildProcessWithoutNullStreams;
  private written = "";
  private ended: string | undefined;
  private heard = () => {};

  constructor(cwd: string, env: Record<string, string | undefined>) {
    this.bash = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail"], { cwd, env });
    const hear = (chunk: Buffer) => {
      this.written += chunk.toString();
      this.heard();
    };
    this.bash.stdout.on("data", hear);
    this.bash.stderr.on("data", hear);
    this.bash.on("close", (code, signal) => {
      this.ended = signal ?? `code ${code}`;
      this.heard();
    });
  }

  /**
   * Runs commands and returns what they wrote to both outputs.
   *
   * @throws AssertionError if one of them failed: then the shell has ended
   */
  async run(script: string): Promise<string> {
    assert.ok(this.ended === undefined, "the shell ended in an earlier step");
    const mark = randomUUID();
    this.written = "";
    // A group's input is not the script itself, which Pulumi would read.
    this.bash.stdin.write(`{ ${script}\n} </dev/null 2>&1\necho ${mark}\n`);
    await new Promise<void>((resolve) => {
      this.heard = () => {
        if (this.ended !== undefined || this.written.includes(mark)) resolve();
      };
    });
    assert.ok(this.ended === undefined, `${this.ended} from\n${script}\n${this.written}`);
    return this.written.slice(0, this.written.indexOf(mark));
  }

  /** Ends the shell. */
  close(): void {
    this.bash.stdin.end();
  }
}

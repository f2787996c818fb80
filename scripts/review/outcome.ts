import { code } from "./escape";

/** The last of these is the review's own: what stands above it is the change, and the end is ours. */
const FINGERPRINT = /^<sub>Fingerprint ([0-9a-f]{16})<\/sub>\r?$/gm;
/** How the live tier says that it is one; a text of the change cannot begin so, since its signs are escaped. */
const LIVE = /^<sub>Live: /m;
const OUTCOME = "<!-- blue-green outcome -->";

/** The fingerprint that a comment tells, if it is one of the live tier: only that has looked at what runs. */
export function liveFingerprint(comment: string): string | undefined {
  const [last] = [...comment.matchAll(FINGERPRINT)].slice(-1);
  return last && LIVE.test(comment) ? last[1] : undefined;
}

/** How an update ended. */
export interface Ended {
  /** Whether the step that made it succeeded. */
  applied: boolean;
  /** What it wrote; nothing if it did not begin. */
  said: string;
  /** The address of the run, if it has one. */
  run?: string | undefined;
}

function verdict({ applied, said }: Ended): string {
  if (applied) return "**Applied.**";
  if (said === "") return "**Not applied:** the update did not begin.";
  if (said.includes("This is not what was reviewed"))
    return "**Not applied:** what would happen now is not what was reviewed. Nothing was changed.";
  return "**Not applied, or not to its end.**";
}

/** A comment with how it ended below it, in the place of what stood there of an earlier try. */
export function withOutcome(comment: string, ended: Ended): string {
  const [review = ""] = comment.replace(/\r/g, "").split(OUTCOME);
  const witnessed = ended.said.split(/\r?\n/).filter((line) => line.startsWith("witness: "));
  const where = ended.run ? ` [The run](${ended.run}) tells all of it.` : "";
  return [
    review.trimEnd(),
    "",
    OUTCOME,
    `${verdict(ended)}${where}`,
    ...witnessed.slice(-3).map((line) => `<br>${code(line)}`),
    "",
  ].join("\n");
}

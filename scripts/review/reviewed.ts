import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../common/step";
import { plainText } from "./plainText";
import type { Review } from "./review";

const FINGERPRINT = /^[0-9a-f]{16}$/;
const fileOf = (folder: string, fingerprint: string) => join(folder, ".cache", "review", `${fingerprint}.txt`);

/** Keeps what a review said, for whoever applies it from here and finds that the world has moved. */
export function keep(folder: string, review: Review): void {
  mkdirSync(join(folder, ".cache", "review"), { recursive: true });
  writeFileSync(fileOf(folder, review.fingerprint), plainText(review));
}

/** What was reviewed: its fingerprint, and what it said as far as that is at hand. */
export interface Reviewed {
  fingerprint: string;
  said?: string;
}

/**
 * Reads what `--reviewed` names: a fingerprint, or a file with the comment that tells one.
 *
 * @throws SetupError if it is neither
 */
export function reviewedOf(named: string, folder: string): Reviewed {
  if (FINGERPRINT.test(named)) {
    const file = fileOf(folder, named);
    return { fingerprint: named, ...(existsSync(file) && { said: readFileSync(file, "utf8") }) };
  }
  const comment = existsSync(named) ? readFileSync(named, "utf8") : undefined;
  // The last one: what stands above may be text of a config.
  const [, fingerprint] =
    [...(comment ?? "").matchAll(/^\s*(?:<sub>)?Fingerprint ([0-9a-f]{16})(?:<\/sub>)?\s*$/gim)].at(-1) ?? [];
  if (comment === undefined || fingerprint === undefined)
    throw new SetupError(
      `--reviewed: got ${named}; allowed: a review's fingerprint (16 digits of 0-9 and a-f), or a file with its comment.\n` +
        "Take the command from the end of the review: npm run review",
    );
  return { fingerprint, said: comment };
}

/**
 * Whether what would happen now is what was reviewed.
 *
 * @throws SetupError with both side by side if it is not
 */
export function mustBeReviewed({ fingerprint, said }: Reviewed, now: Review): void {
  if (now.fingerprint === fingerprint) return;
  throw new SetupError(
    `This is not what was reviewed: the config, the stack or what runs has moved since. Nothing was changed.\n\n` +
      `Reviewed (${fingerprint}):\n${said ?? "  what it said is not at hand; name the file with its comment to see it"}\n\n` +
      `Now (${now.fingerprint}):\n${plainText(now)}\n\nTo apply what would happen now, review it: npm run review`,
  );
}

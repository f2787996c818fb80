import { SetupError } from "../../common/step";

/** How many characters GitHub takes for a comment. */
const LONGEST = 65_536;

/**
 * Lets a comment pass that can be sent.
 *
 * @param name what it is called in the message
 * @throws SetupError if it is longer
 */
export function sendable(name: string, body: string): string {
  if (body.length <= LONGEST) return body;
  throw new SetupError(
    `${name} has ${body.length} characters; allowed: ${LONGEST} at most. Nothing was sent. ` +
      "A comment of npm run review -- --markdown --out is always shorter; a whole one belongs in an artifact.",
  );
}

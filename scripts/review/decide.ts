import { SetupError } from "../common/step";
import type { Comment } from "./api/pullRequest";
import { text } from "./escape";
import { stackOfComment } from "./marker";

/** What becomes of one stack's comment. */
export type Act =
  | { do: "create"; stack: string; body: string }
  | { do: "update"; stack: string; body: string; id: number }
  | { do: "leave"; stack: string };

/** What is known when it is decided. */
export interface Known {
  /** The comments as they should be, by stack. */
  wanted: ReadonlyMap<string, string>;
  /** Those that are there, the oldest first. */
  there: readonly Comment[];
  /** Who writes ours. Anybody may write our marker, so that alone says nothing. */
  author: string;
  /** The only stack that this is about; all others keep theirs. */
  only?: string | undefined;
}

/** Logins differ in more than their case. */
const isBy = (author: string, { author: other }: Comment) => author.toLowerCase() === other.toLowerCase();

/** Our comment about a stack: the oldest of the author's that begin with its marker. */
export const ownComment = (stack: string, { there, author }: Pick<Known, "there" | "author">): Comment | undefined =>
  there.find((comment) => isBy(author, comment) && stackOfComment(comment.body) === stack);

/** Instead of a comment whose change is there no more, since it would tell of what will not happen. */
const gone = (stack: string, own: Comment | undefined): string =>
  [
    own?.body.split(/\r?\n/)[0],
    `### ${text(stack)}: nothing changes any more`,
    "",
    "<sub>This pull request did change the stack, and no longer does: what stood here holds no more.</sub>",
    "",
  ].join("\n");

/** A server may keep a text with other line ends, and without those at its end. */
const same = (one: string, other: string) => one.replace(/\r/g, "").trim() === other.replace(/\r/g, "").trim();

/** A pull request from anybody could add stack files by the hundred, and each comment is a message to many. */
const MOST = 20;

function actOn(stack: string, body: string, own: Comment | undefined): Act {
  if (!own) return { do: "create", stack, body };
  return same(own.body, body) ? { do: "leave", stack } : { do: "update", stack, body, id: own.id };
}

/**
 * One comment for each stack: new where there is none of ours, else with its new text in its place, also where the change
 * has become none. Where there never was a change, nothing.
 *
 * @throws SetupError if these are more new ones than anybody would read
 */
export function decide(known: Known): Act[] {
  const { wanted, there, author, only } = known;
  const mine = there.filter((comment) => isBy(author, comment)).flatMap(({ body }) => stackOfComment(body) ?? []);
  const stacks = [...new Set([...wanted.keys(), ...mine])].sort();
  const acts = stacks
    .filter((stack) => only === undefined || stack === only)
    .flatMap((stack) => {
      const own = ownComment(stack, known);
      return actOn(stack, wanted.get(stack) ?? gone(stack, own), own);
    });
  const added = acts.filter((act) => act.do === "create").length;
  if (added > MOST)
    throw new SetupError(
      `${added} stacks would get a comment; allowed: ${MOST} at most. Make several pull requests of it.`,
    );
  return acts;
}

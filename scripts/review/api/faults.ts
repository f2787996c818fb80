import { SetupError } from "../../common/step";

/** It is not known whether the server did what it was asked: look before you ask again. */
export class Unanswered extends SetupError {}

/** A server's words in one short line. */
const short = (message: string) =>
  message
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim()
    .slice(0, 200);

const MEND: Record<number, string> = {
  401:
    "The token in GITHUB_TOKEN is not accepted there. Give the step `GITHUB_TOKEN: ${{ github.token }}`, or one that " +
    "has not expired, and look whether GITHUB_API_URL is that of its server.",
  403:
    "The token in GITHUB_TOKEN may not do this. Give the job `permissions: pull-requests: write`; on a pull request " +
    "whose conversation is locked only members may comment.",
  404:
    "There is no such repository or pull request, or the token in GITHUB_TOKEN may not see it. Look at --repository " +
    "and --pull, and give the job `permissions: pull-requests: write`.",
  422: "The server understood the comment and does not take it.",
};

/** The sentence for a request that was refused. */
export function refused(what: string, status: number, message: string): string {
  const words = short(message);
  const moved = status >= 300 && status < 400 ? "It lies elsewhere now: name it by its new name." : undefined;
  return [`${what}: the server answered ${status}${words ? ` (${words})` : ""}.`, MEND[status] ?? moved ?? ""]
    .join(" ")
    .trim();
}

/** The sentence for one that the server asks to put off for longer than there is time. */
export const tooLong = (what: string, pause: number): string =>
  `${what}: the server asks to wait ${Math.ceil(pause / 1_000)} s (its rate limit), which is longer than this waits. ` +
  "Run it again after that time.";

/** The sentence for a server that does not answer, with why as far as it is known. */
export function silent(what: string, error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  const why = name === "TimeoutError" ? "no answer in time" : (cause?.code ?? cause?.message ?? message);
  return `${what}: ${short(why)}. Is GITHUB_API_URL right, and can that server be reached from here?`;
}

import type { ContainerState } from "./containers";

/** How many of a container's last lines are reported… */
export const LINES = 5;
/** …of each no more than so many characters. */
const LENGTH = 200;
/** A text of the environment that is shorter is no secret, and may stand anywhere by chance. */
const SHORTEST_SECRET = 6;

/** The colors and cursor movements of a terminal, then every other character that has no shape of its own. */
const SEQUENCES = /\p{Cc}\[[0-?]*[ -/]*[@-~]/gu;
const SHAPELESS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * What a container wrote, fit to be shown: the last {@link LINES} lines, without what could move a terminal's cursor
 * or hide something, and without what its environment holds.
 *
 * Which texts of the environment are secrets, only the config knows. So all of them are replaced that the image does
 * not set itself, and the passwords in URLs among them; a shorter one than {@link SHORTEST_SECRET} is not.
 *
 * @param environment as `NAME=text`
 */
export function readable(text: string, environment: readonly string[] = []): string[] {
  const lines = withoutSecrets(text, environment)
    .replaceAll(SEQUENCES, "")
    .split(/\r\n|\r|\n/)
    .map((line) => line.replaceAll("\t", "  ").replaceAll(SHAPELESS, "").trimEnd())
    .filter((line) => line !== "");
  return lines.slice(-LINES).map((line) => (line.length > LENGTH ? `${line.slice(0, LENGTH)} …` : line));
}

function withoutSecrets(text: string, environment: readonly string[]): string {
  const pairs = environment.flatMap((one): [string, string][] => {
    const [name = "", ...rest] = one.split("=");
    const value = rest.join("=");
    const password = URL.canParse(value) ? decoded(new URL(value).password) : [];
    return [...value.split("\n"), value, ...password].map((secret) => [name, secret.trim()]);
  });
  return pairs
    .filter(([, secret]) => secret.length >= SHORTEST_SECRET)
    .sort(([, one], [, other]) => other.length - one.length) // the whole before its parts
    .reduce((left, [name, secret]) => left.replaceAll(secret, `[${name}]`), text);
}

function decoded(password: string): string[] {
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

/** How a container fares, in words, such as `exited 3, restarted 4 times`. */
export function describeState({ status, exitCode, outOfMemory, error, restarts }: ContainerState): string {
  const ended = ["restarting", "exited", "dead"].includes(status) || exitCode !== 0 || outOfMemory;
  const words = [
    ...(["running", "restarting", "exited"].includes(status) ? [] : [status]),
    ...(error ? [`could not be started: ${readable(error).join(" ")}`] : []),
    ...(ended && !error ? [`exited ${exitCode}${outOfMemory ? " (out of memory)" : ""}`] : []),
    ...(restarts > 0 ? [restarts === 1 ? "restarted once" : `restarted ${restarts} times`] : []),
  ];
  return words.length > 0 ? words.join(", ") : "runs";
}

/** How many characters of a value a message shows. */
const LONGEST = 200;
/** A path, a number, a time or a word, but no piece of a key. */
const HARMLESS = /^(?:[\w ./~-]{1,100}\.\w{1,5}|[\w.-]{1,12})$/;

/**
 * A value as a message may show it: of TLS only what cannot be a key, or a piece of one that was set in the wrong
 * place; of all else what is short.
 *
 * @param key the config key, as `--path` takes it
 */
export function shown(key: string, got: unknown): string {
  const tls = key.split(/[.[]/)[0] === "tls";
  const hidden = (text: string) => {
    if (/-----BEGIN/.test(text)) return "[PEM]";
    if (tls && !HARMLESS.test(text)) return "[hidden]";
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  };
  return JSON.stringify(got, (_name, inner: unknown) => (typeof inner === "string" ? hidden(inner) : inner));
}

/** Where a secret is kept as one, if not by itself then with all that stands beside it. */
const KEPT = ["app", "blue", "gate", "green", "hooks", "registry", "release", "tls", "workers"];

/** What a user who thinks that a value is hidden should know. */
export const shownAllTheSame = (secret: ReadonlySet<string>): string[] =>
  [...secret]
    .filter((key) => !KEPT.includes(key))
    .map(
      (key) => `${key} was set with --secret, but is shown in plain text: it is needed in previews and in the state`,
    );

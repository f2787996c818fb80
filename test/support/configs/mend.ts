import { NAMES, split } from "./path";
import type { Raw } from "./raw";

/** What somebody types who is asked for a secret. */
const TYPED = "hunter2";

type Inner = Record<PropertyKey, unknown>;

/** What `pulumi config set --path` makes of a text. */
const typed = (text: string): unknown => (/^(?:-?\d+|true|false)$/.test(text) ? JSON.parse(text) : text);

/** `pulumi config set`, in the manner of the real one: below a value of another kind it fails. */
function set(raw: Raw, key: string, text: string): void {
  const path = split(key);
  const last = path.pop()!;
  let here: Inner = raw;
  path.forEach((part, index) => {
    const next = path[index + 1] ?? last;
    const wanted = typeof next === "number" ? [] : {};
    const found = here[part];
    // What is directly below the namespace is replaced, and what is missing is made.
    const fits = typeof found === "object" && found !== null && Array.isArray(found) === Array.isArray(wanted);
    if (found === undefined || found === null || (index === 0 && typeof found !== "object")) here[part] = wanted;
    else if (!fits) throw new Error(`could not set config: ${key}: another kind of value is there`);
    here = here[part] as Inner;
  });
  here[last] = path.length > 0 ? typed(text) : text;
}

function remove(raw: Raw, key: string): void {
  const path = split(key);
  const last = path.pop()!;
  const holder = path.reduce<Inner | undefined>((here, part) => here?.[part] as Inner | undefined, raw);
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (holder) delete holder[last];
}

/**
 * Does what a fault's command would do to a config.
 *
 * @throws Error if the command would fail, or is none that is known here
 */
export function mend(raw: Raw, commands: string): void {
  for (const command of commands.split(" && ")) {
    const [, verb, quoted = "", rest] =
      /^pulumi config (set|rm) (?:--path )?('[^']+'|\S+)(?: ([\s\S]+))?$/.exec(command) ?? [];
    const key = quoted.replace(/^'|'$/g, "");
    if (!NAMES.test(key)) throw new Error(`no command: ${command}`);
    if (verb === "rm") remove(raw, key);
    else if (!rest) throw new Error(`no value: ${command}`);
    else set(raw, key, rest === "--secret" ? TYPED : rest.replace(/^(['"])([\s\S]*)\1$/, "$2"));
  }
}

import { at, setCommand, type Fault } from "./fault";
import { listOf } from "./values";

/** What a color's replicas get: the color's own, else that of `app`. */
function effective(raw: unknown, color: string, what: string): { key?: string; got: unknown; texts?: string[] } {
  const key = [color, "app"].map((place) => `${place}.${what}`).find((one) => at(raw, one.split(".")) !== undefined);
  const got = key === undefined ? [] : at(raw, key.split("."));
  return { key, got, texts: listOf()(got) };
}

/**
 * Docker takes an entrypoint of one empty text for none at all. It then takes no command of the image's either (`No
 * command specified`). Any other program without a name ends in `exec: "": executable file not found in $PATH`.
 */
function unnamedProgram(raw: unknown, color: string): Fault[] {
  const [{ key, got, texts }, command] = [effective(raw, color, "entrypoint"), effective(raw, color, "command")];
  if (key === undefined || texts?.[0] !== "") return [];
  if (texts.length > 1)
    return [{ key, got, allowed: "a list whose first text names a program", mend: setCommand(`${key}[0]`, "/app") }];
  if (!command.texts || command.texts[0]) return [];
  const beside = command.key ?? key.replace(/entrypoint$/, "command");
  const allowed = `[""], no entrypoint at all, only where ${beside} begins with the program to run`;
  return [{ key, got, allowed, mend: setCommand(`${beside}[0]`, "/app") }];
}

/** What names no program cannot be started. */
export const namedProgram = (raw: Record<string, unknown>): Fault[] => {
  const faults = ["blue", "green"].flatMap((color) => unnamedProgram(raw, color));
  return faults.filter(({ key }, index) => faults.findIndex((one) => one.key === key) === index);
};

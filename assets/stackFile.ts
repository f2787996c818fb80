import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { StackIdentity } from "../settings/settings";

/** The config of a stack's file as it is written, with `secure` where a value is encrypted; none if there is no such file. */
function configOf({ name }: StackIdentity, folder: string): Record<string, unknown> | undefined {
  try {
    // Loaded only where it is needed: a preview should not wait for it.
    const { parse } = createRequire(__filename)("yaml") as typeof import("yaml");
    const file = parse(readFileSync(join(folder, `Pulumi.${name}.yaml`), "utf8")) as { config?: object } | null;
    return file?.config as Record<string, unknown> | undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a stack's file has this very text in plain at a path of the program's config. The engine only tells in which
 * top-level keys there is a secret somewhere. A config from elsewhere (`--config-file`, an environment) cannot be looked at.
 */
export function isPlain(stack: StackIdentity, path: readonly string[], text: string, folder = process.cwd()): boolean {
  const config = configOf(stack, folder);
  const [first = "", ...rest] = path;
  const top = config?.[`${stack.project}:${first}`];
  const found = rest.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], top);
  return ["string", "number", "boolean"].includes(typeof found) && `${found as string | number | boolean}` === text;
}

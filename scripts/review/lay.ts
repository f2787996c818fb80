import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { SetupError } from "../common/step";
import { assetsOf } from "./assets";
import type { Source } from "./source";
import { beyondConfig, stackFileOf } from "./beyondConfig";

/** What a config may name and a pull request may bring: none of it is ever run. */
const DATA = [".html", ".htm", ".pem", ".crt", ".cer", ".key"];

/** A stack's file and what it names, by path in the project. */
export type Files = Map<string, string>;

/**
 * The files of a stack as a change would have them, for a live look by the program as it is. They are data: nothing among
 * them is code, or says where the look is taken, by which keys, or shows what was encrypted.
 *
 * @param before the program that runs
 * @param after  the change
 * @returns nothing if the change takes the stack's file away
 * @throws SetupError with all that speaks against it
 */
export async function changedFiles(
  stack: string,
  project: string,
  before: Source,
  after: Source,
): Promise<Files | undefined> {
  const name = `Pulumi.${stack}.yaml`;
  const text = await after.read(name);
  if (text === undefined) return undefined;
  const side = stackFileOf(text, name, project);
  const faults = beyondConfig(name, stackFileOf(await before.read(name), name, project), side);
  const files: Files = new Map([[name, text]]);
  const record = async (path: string): Promise<string | undefined> => {
    const found = await after.read(path);
    if (found === undefined || found === (await before.read(path))) return found;
    if (DATA.includes(extname(path).toLowerCase())) files.set(path, found);
    else faults.push(`${path}: a pull request may bring files that end in ${DATA.join(", ")}, and this is another`);
    return found;
  };
  await assetsOf(side.config, { ...after, read: record });
  if (faults.length > 0)
    throw new SetupError(`No live look at ${stack}:\n${faults.map((one) => `  ${one}`).join("\n")}`);
  return files;
}

/** Writes files into a folder. */
export function lay(files: Files, folder: string): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { SetupError } from "../common/step";
import { assetsOf } from "./assets";
import type { Source } from "./source";
import { stackConfigOf, type StackConfig } from "./stackFile";

/** What a config may name and a pull request may bring: none of it is ever run. */
const DATA = [".html", ".htm", ".pem", ".crt", ".cer", ".key"];
/** Where an encrypted value stays one. In any other place a preview shows it: whoever moved it there could read it. */
const KEPT =
  /^(?:(?:app|blue|green)\.env\..+|(?:(?:blue|green)\.)?registry\.(?:user|password)|tls\.certificates\.\d+\.\w+)$/;

/** A stack's file and what it names, by path in the project. */
export type Files = Map<string, string>;

interface Side {
  /** The file but for its config: how secrets are kept, and where more config comes from. */
  rest: unknown;
  config: StackConfig;
}

function sideOf(text: string | undefined, name: string, project: string): Side {
  try {
    const { config: _, ...rest } = (parse(text ?? "", { maxAliasCount: 100 }) ?? {}) as Record<string, unknown>;
    return { rest, config: stackConfigOf(text ?? "", project) };
  } catch (error) {
    throw new SetupError(`${name} is no YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}

function faultsOf(name: string, before: Side, after: Side): string[] {
  const [old, now] = [before.config, after.config];
  const moved = [...now.encrypted].filter(([path, hash]) => old.encrypted.get(path) !== hash && !KEPT.test(path));
  const faults = moved.map(([path]) => `${path} is an encrypted value that a preview would show in plain text`);
  if (!isDeepStrictEqual(old.foreign, now.foreign))
    faults.push("keys of other packages are changed, such as docker:host: they say where all this happens");
  // A stack that is new has no other way to get these than this file.
  if (!isDeepStrictEqual(before.rest, after.rest))
    faults.push("more than `config` is changed: how secrets are encrypted, or where more config comes from");
  return faults.map((fault) => `${name}: ${fault}. Change that by itself, by hand`);
}

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
  const side = sideOf(text, name, project);
  const faults = faultsOf(name, sideOf(await before.read(name), name, project), side);
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

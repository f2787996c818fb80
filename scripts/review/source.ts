import { readdirSync } from "node:fs";
import { posix } from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { readInside } from "../../assets/inside";
import { projectFolder } from "../engine/layout";
import { SetupError } from "../common/step";
import { commitOf } from "./git";

/** Where stack files come from: a state of the repository, of which nothing is run. */
export interface Source {
  /** What it is called in messages. */
  name: string;
  /** The files of its top level. */
  files: () => Promise<string[]>;
  /** A file's text by its path in the project; nothing if it has none of that name. */
  read: (path: string) => Promise<string | undefined>;
}

const gitIn =
  (folder: string) =>
  async (...args: string[]) =>
    execa("git", args, { cwd: folder, reject: false, stripFinalNewline: false, maxBuffer: 2 ** 24 });

/**
 * A commit, branch or tag, read as data: nothing is checked out, so that of a pull request from anybody no line is run.
 *
 * @throws SetupError if the repository has no such commit
 */
export async function commit(ref: string, folder = projectFolder): Promise<Source> {
  const git = gitIn(folder);
  const id = await commitOf(ref, folder);
  return {
    name: ref,
    files: async () => (await git("ls-tree", "--name-only", id, "./")).stdout.split("\n").filter(Boolean),
    read: async (path) => {
      // A link is not followed: its text is a path, which is not what was meant.
      const entry = (await git("ls-tree", id, "--", `./${path}`)).stdout;
      if (!entry.startsWith("100")) return undefined;
      return (await git("cat-file", "blob", `${id}:./${path}`)).stdout;
    },
  };
}

/** The project as it lies here. */
export const workingFolder = (folder = projectFolder): Source => ({
  name: "the files here",
  files: async () => readdirSync(folder),
  read: async (path) => {
    const found = readInside(path, folder);
    return "text" in found ? found.text : undefined;
  },
});

/**
 * The project's name, before each of its keys.
 *
 * @throws SetupError if there is none
 */
export async function projectOf(source: Source): Promise<string> {
  const file = parse((await source.read("Pulumi.yaml")) ?? "") as { name?: unknown } | null;
  if (typeof file?.name === "string") return file.name;
  throw new SetupError(`there is no Pulumi.yaml with a name in ${source.name}`);
}

/** Whether a path stays inside the project, and is none of its hidden files. */
export const isInside = (path: string): boolean => {
  const plain = posix.normalize(path);
  return !posix.isAbsolute(plain) && !plain.split("/").some((part) => part.startsWith("."));
};

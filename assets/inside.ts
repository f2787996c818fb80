import { readFileSync, realpathSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";

/** A file's text, or why it cannot be had. */
export type Text = { text: string } | { fault: string };

/** More than a page or a chain of certificates has, in bytes. */
const LARGEST = 2 ** 20;

/** Where it may lie is one of Pulumi's own folders, or a repository's, with keys to more than this file. */
const isHidden = (path: string) => path.split(sep).some((part) => part.startsWith("."));

/**
 * Reads a file inside the project's folder, links resolved, and no hidden one: whoever may change the config, in a pull
 * request say, must not have a runner's other files shown in a preview.
 *
 * @param folder the project's; by default that in which Pulumi runs the program
 */
export function readInside(path: string, folder = process.cwd()): Text {
  try {
    const [root, file] = [realpathSync(folder), realpathSync(resolve(folder, path))];
    const within = relative(root, file);
    if (within.startsWith("..") || resolve(within) === within)
      return { fault: "a file inside the project's folder, and this one lies outside: copy it there" };
    if (isHidden(within)) return { fault: "a file that is not hidden, nor in a folder that is (.git, .state, …)" };
    const { size } = statSync(file);
    if (size > LARGEST) return { fault: `a file of at most ${LARGEST} bytes; this one has ${size}` };
    return { text: readFileSync(file, "utf8") };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { fault: `the path of a file that can be read, from the project's folder on (${code})` };
  }
}

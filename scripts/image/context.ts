import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pack } from "tar-stream";

const imagesFolder = resolve(__dirname, "..", "..", "images");

/** What Docker builds an image from. */
export interface Context {
  files: { path: string; content: Buffer }[];
  /** Changes with any file's name or content. */
  hash: string;
}

/** A short hash of some texts; where one ends matters. */
export function fingerprint(parts: (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest("hex");
}

/** Reads the folder of an image: a name under `images/`, or a path. */
export function readContext(folder: string): Context {
  const root = resolve(imagesFolder, folder);
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(root, path)).isFile())
    .map((path) => ({ path: path.replaceAll("\\", "/"), content: readFileSync(join(root, path)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, hash: fingerprint(files.flatMap(({ path, content }) => [path, content])) };
}

/** The same files always give the same bytes. Scripts may run, whatever the file system here thinks of them. */
export function toTar(context: Context): Readable {
  const tar = pack();
  for (const { path, content } of context.files) {
    const mode = content.subarray(0, 2).toString() === "#!" ? 0o755 : 0o644;
    tar.entry({ name: path, mode, mtime: new Date(0) }, content);
  }
  tar.finalize();
  return Readable.from(tar);
}

import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** Which rooms each room imports from, by name. */
export type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

/** Folders that hold nothing of the product, and tests, which may import everything. */
const LEFT_OUT = /^(?:node_modules|test|images|docs|examples|\.)/;

/** The room of a file, from the project's folder on: its folder, one level deeper in `haproxy` and `routing`. */
const roomOf = (file: string): string =>
  /^(?:haproxy\/[^/]+|routing\/[^/]+(?=\/)|[^/]+)/.exec(file)?.[0].replace(/\.ts$/, "") ?? file;

/** All source files of a project, from its folder on. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.test(name) && !name.includes(".config."))
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(folder, entry.name), { recursive: true, encoding: "utf8" }).map((file) =>
            join(entry.name, file),
          )
        : [entry.name],
    )
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts") && !file.includes("node_modules"));
}

/** Reads from the imports, those of types alone too, which room builds on which. */
export function readRooms(folder: string): Rooms {
  const rooms = new Map<string, Set<string>>();
  for (const file of sources(folder)) {
    const room = roomOf(file);
    const imports = rooms.get(room) ?? new Set();
    rooms.set(room, imports);
    const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, file), "utf8"));
    for (const { fileName } of importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const other = roomOf(`${relative(folder, join(folder, file, "..", fileName))}.ts`);
      if (other !== room) imports.add(other);
    }
  }
  return rooms;
}

/** Whether a room leads to another by way of a third. */
function leads(rooms: Rooms, from: string, to: string, seen = new Set<string>()): boolean {
  return [...(rooms.get(from) ?? [])].some((next) => {
    if (seen.has(next)) return false;
    seen.add(next);
    return next === to || leads(rooms, next, to, seen);
  });
}

/** The rooms as a picture in Mermaid's language. An arrow that others imply is left out, so that all can be followed. */
export function pictureOfRooms(rooms: Rooms): string {
  const id = (room: string) => room.replace(/\W/g, "_");
  const lines = [...rooms.keys()].sort().flatMap((room) => {
    const imports = [...(rooms.get(room) ?? [])].sort();
    const own = imports.filter((to) => !imports.some((via) => via !== to && leads(rooms, via, to)));
    return [`  ${id(room)}["${room}"]`, ...own.map((to) => `  ${id(room)} --> ${id(to)}`)];
  });
  return ["```mermaid", "flowchart TD", ...lines, "```"].join("\n");
}

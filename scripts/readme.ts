import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { policyTable } from "../policy/table";
import { configTable } from "../settings/table";
import { projectFolder } from "./engine/layout";
import { pictureOfRooms, readRooms } from "./picture/rooms";

// Writes into the documents what is made from the source. A test compares the two.
function write(document: string, mark: string, text: string): void {
  const file = join(projectFolder, document);
  const between = new RegExp(`(<!-- ${mark} -->\n)[^]*(<!-- /${mark} -->)`);
  const before = readFileSync(file, "utf8");
  writeFileSync(
    file,
    before.replace(between, (_, open: string, close: string) => `${open}${text}\n${close}`),
  );
}

write("README.md", "config", configTable());
write("docs/policy.md", "rules", policyTable());
write("docs/architecture.md", "rooms", pictureOfRooms(readRooms(projectFolder)));

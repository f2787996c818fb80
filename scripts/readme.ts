import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configTable } from "../settings/table";
import { projectFolder } from "./engine/layout";

// Writes the table of config keys into the README, from the schema. A test compares the two.
const file = join(projectFolder, "README.md");
const between = /(<!-- config -->\n)[\s\S]*(<!-- \/config -->)/;
writeFileSync(
  file,
  readFileSync(file, "utf8").replace(between, (_, open: string, close: string) => `${open}${configTable()}\n${close}`),
);

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../engine/layout";

/** A Pulumi program in TypeScript that declares nothing: what Pulumi itself takes. */
export class EmptyProgram {
  readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-empty-"));

  constructor() {
    const files = {
      "Pulumi.yaml": "name: empty\nruntime: nodejs\n",
      "index.ts": 'import * as pulumi from "@pulumi/pulumi";\n\nexport const stack = pulumi.getStack();\n',
      "package.json": '{ "name": "empty", "main": "index.ts", "dependencies": { "@pulumi/pulumi": "*" } }\n',
      "tsconfig.json": '{ "compilerOptions": { "target": "es2023", "module": "node20", "strict": true } }\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
    symlinkSync(join(projectFolder, "node_modules"), join(this.folder, "node_modules"));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import { projectFolder } from "./setup/engineLayout";
import { failed, runSteps, setupSteps } from "./steps";

// test.ts [FILES…]: everything that the tests need, then all tests or these, then one line with the counts.
const all = () =>
  ["unit", "live"].flatMap((folder) =>
    readdirSync(join(projectFolder, "test", folder))
      .filter((name) => name.endsWith(".test.ts"))
      .sort()
      .map((name) => join("test", folder, name)),
  );

async function main(files: string[]): Promise<void> {
  const { demo } = await runSteps(setupSteps);
  for (const [name, text] of Object.entries(demo.env)) if (/^(?:PATH$|DOCKER_)/.test(name)) process.env[name] = text;
  const mocha = new Mocha({ timeout: 20_000, forbidOnly: true, forbidPending: true, reporter: "spec" });
  for (const file of files.length > 0 ? files : all()) mocha.addFile(join(projectFolder, file));
  const runner = mocha.run((failures) => {
    const { passes = 0 } = runner.stats ?? {};
    console.log(`${passes} passed, ${failures} failed`);
    process.exit(failures > 0 ? 1 : 0);
  });
}

main(process.argv.slice(2)).catch(failed);

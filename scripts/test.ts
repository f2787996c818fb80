import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import { runChecks } from "./check/check";
import { CHECKS } from "./check/checks";
import { projectFolder, typescriptHook } from "./engine/layout";
import { failed, runSteps, setupSteps } from "./common/steps";

// test.ts [FILES OR FOLDERS…]: the checks of the source, everything that the tests need, all tests, then one line with
// the counts. With names only these tests, and no checks.
const testsIn = (path: string): string[] =>
  path.endsWith(".ts")
    ? [path]
    : readdirSync(join(projectFolder, path))
        .filter((name) => name.endsWith(".test.ts"))
        .sort()
        .map((name) => join(path, name));

/** A live test waits most of its time, so two share a machine well; more would disturb each other's load. */
const PARALLEL = { parallel: true, jobs: 2 };

async function main(files: string[]): Promise<void> {
  const faults = files.length > 0 ? [] : await runChecks(CHECKS, console.log);
  const { demo } = await runSteps(setupSteps);
  for (const [name, text] of Object.entries(demo.env)) if (/^(?:PATH$|DOCKER_)/.test(name)) process.env[name] = text;
  // The long ones first: what is short fills the time in which the last of them ends.
  const wanted = (files.length > 0 ? files : ["test/live", "test/unit"]).flatMap(testsIn);
  const rules = { timeout: 20_000, forbidOnly: true, forbidPending: true };
  const mocha = new Mocha({
    ...rules,
    reporter: "spec",
    require: [typescriptHook],
    ...PARALLEL,
  });
  for (const file of wanted) mocha.addFile(join(projectFolder, file));
  console.log(`${wanted.length} files of tests, ${PARALLEL.jobs} at a time; each reports when it has ended.`);
  const runner = mocha.run((failures) => {
    const { passes = 0 } = runner.stats ?? {};
    for (const name of faults) console.log(`Failed before the tests, see above: ${name}`);
    console.log(`${passes} passed, ${failures} failed`);
    process.exit(failures > 0 || faults.length > 0 ? 1 : 0);
  });
}

main(process.argv.slice(2)).catch(failed);

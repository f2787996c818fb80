import { STACK } from "./common/demo";
import { ensureStack, up } from "./common/stack";
import { failed, runSteps, setupSteps, step } from "./common/steps";
import { summary } from "./common/summary";

const stackSteps = [
  step("Stack", ({ demo }) => ensureStack(demo)),
  step("pulumi up", async ({ demo }, say) => {
    await up(demo, say);
    return STACK;
  }),
];

async function main(): Promise<void> {
  const { demo, builtFromSource } = await runSteps([...setupSteps, ...stackSteps]);
  console.log(`\n${await summary(demo)}`);
  if (builtFromSource)
    console.log(
      "\nPulumi was built from source, since its download could not be reached; npm run engine:remove takes it away.",
    );
}

main().catch(failed);

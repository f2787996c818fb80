import { Listr, PRESET_TIMER } from "listr2";
import { demoEnvironment } from "./demo";
import { dockerClient, ensureDocker } from "../docker/docker";
import { dockerVariables } from "../docker/endpoint";
import { ensureEngine } from "../engine/engine";
import { ensureImages, type ImageResult, supply } from "../image/images";
import type { Say } from "./step";
import type { Demo } from "./stack";

export { failed } from "./failed";

/** What the steps find out for those that come after them. */
export interface Context {
  endpoint: string;
  demo: Demo;
  builtFromSource: boolean;
  images: ImageResult[];
}

/** On a terminal the newest line is shown; in a log at most one a few seconds, in milliseconds. */
const QUIET = process.stdout.isTTY ? 0 : 5_000;

/** A step with its progress below its title, and its result behind it. */
export const step = (title: string, action: (context: Context, say: Say) => Promise<string>) => ({
  title,
  task: async (context: Context, task: { output: string; title: string }) => {
    let last = Date.now();
    const result = await action(context, (line) => {
      if (Date.now() - last < QUIET) return;
      last = Date.now();
      task.output = line;
    });
    task.title = `${title}: ${result}`;
  },
});

/** A Docker that answers. */
export const dockerStep = step("Docker", async (context, say) => {
  const { endpoint, version, started, log } = await ensureDocker(say);
  context.endpoint = endpoint;
  return `${version} at ${endpoint}${started ? `, started now, log in ${log}` : ""}`;
});

/** The images of the project; on bases of today if they shall be fresh. */
export const imagesStep = (fresh: boolean) =>
  step("Images", async (context, say) => {
    const from = supply(fresh);
    context.images = await ensureImages(dockerClient(context.endpoint), from, say);
    const names = context.images.map(({ name, built }) => (built ? `${name} (new)` : name));
    return [names.join(", "), ...from.notes].join("\n");
  });

/** Everything that a stack needs, in the order in which it is needed. */
export const setupSteps = [
  dockerStep,
  step("Pulumi", async (context, say) => {
    const { version, bin, builtFromSource } = await ensureEngine(say);
    context.demo = { bin, env: demoEnvironment(bin, { DOCKER_HOST: context.endpoint, ...dockerVariables() }) };
    context.builtFromSource = builtFromSource;
    return `${version}${builtFromSource ? ", built from source" : ""}`;
  }),
  imagesStep(false),
];

/** Runs steps one after another, with the time that each took. */
export const runSteps = (steps: typeof setupSteps) =>
  new Listr<Context>(steps, {
    rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run({} as Context);

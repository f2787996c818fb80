import { optionsOf } from "./common/cli";
import { changes, packagesOf } from "./image/packages";
import type { ImageResult } from "./image/images";
import { dockerClient } from "./docker/docker";
import { withDocker } from "./docker/fault";
import { dockerStep, failed, imagesStep, runSteps } from "./common/steps";

// images.ts [--pull]: the project's images on this shell's Docker, and what is new in them.
const USAGE = "usage: npm run images [-- --pull]   with --pull: on today's bases, with their security fixes";

/** What became of an image, and of the packages in it. */
async function told(endpoint: string, { name, kept, built, before }: ImageResult): Promise<string> {
  if (!built) return `${name} is ${kept}, as before`;
  if (!before) return `${name} is ${kept}`;
  const docker = dockerClient(endpoint);
  const [old, now] = [await packagesOf(docker, before), await packagesOf(docker, kept)];
  const lines = changes(old, now).map((change) => `\n  ${change}`);
  return `${name} is ${kept} now; before it was ${before}${lines.join("")}`;
}

/** How the proxies get there, and back. */
function whatNext(images: ImageResult[]): string {
  const { before } = images.find(({ name, built }) => built && name.startsWith("bluegreen-proxy:")) ?? {};
  if (!before) return "";
  const back = before.includes(":1-")
    ? `\nThe way back: pulumi config set --path loadBalancer.image ${before} && pulumi up`
    : "";
  return `\nEach stack takes the new proxies with its next pulumi up, and fails no request for it; pulumi preview shows it.${back}`;
}

async function main(args: string[]): Promise<void> {
  const { pull = false } = optionsOf(args, { pull: { type: "boolean" } }, USAGE);
  const { images, endpoint } = await runSteps([dockerStep, imagesStep(pull)]);
  const lines = await withDocker(
    "The images were built, but which packages are new in them cannot be found out",
    async () => {
      const all: string[] = [];
      for (const image of images) all.push(await told(endpoint, image));
      return all;
    },
  );
  console.log(`\n${lines.join("\n")}${whatNext(images)}`);
}

main(process.argv.slice(2)).catch(failed);

import type Dockerode from "dockerode";
import { type Context, toTar } from "./imageContext";
import { faultOf, follow, type Progress } from "./imageDaemon";
import { type Say, SetupError } from "./step";

/** One image to build. */
export interface Build {
  name: string;
  context: Context;
  args: Record<string, string>;
  labels: Record<string, string>;
}

/** Builds an image through Docker's API, telling each step. Throws a SetupError with the end of the build's output. */
export async function build(docker: Dockerode, { name, context, args, labels }: Build, say: Say): Promise<void> {
  const output: string[] = [];
  const onProgress = ({ stream }: Progress) => {
    const line = stream?.trim();
    if (!line) return;
    output.push(line);
    const step = /^Step (\d+\/\d+) : (\w+)/.exec(line);
    if (step) say(`${name}: building, step ${step[1]} (${step[2]})`);
  };
  try {
    const options = { t: name, buildargs: args, labels, rm: true, forcerm: true };
    await follow(docker, await docker.buildImage(toTar(context), options), onProgress);
  } catch (error) {
    const tail = output.slice(-10).map((line) => `  ${line}`);
    throw new SetupError([`${name} can't be built: ${faultOf(error)}`, ...tail].join("\n"));
  }
}

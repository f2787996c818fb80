import type Dockerode from "dockerode";
import { dockerFault } from "../docker/fault";
import { type Context, toTar } from "./context";
import { follow, type Progress } from "./daemon";
import { type Say, SetupError } from "../common/step";

/** One image to build. */
export interface Build {
  /** What it is called while it is built; the result has no name yet. */
  name: string;
  context: Context;
  args: Record<string, string>;
  labels: Record<string, string>;
  /** Whether nothing of an earlier build is taken for it. */
  anew: boolean;
}

/**
 * Builds an image through Docker's API, telling each step, and returns its id. Throws a SetupError with the end of the
 * build's output.
 */
export async function build(
  docker: Dockerode,
  { name, context, args, labels, anew }: Build,
  say: Say,
): Promise<string> {
  const output: string[] = [];
  let id: string | undefined;
  const onProgress = ({ stream, aux }: Progress) => {
    id = aux?.ID ?? id;
    const line = stream?.trim();
    if (!line) return;
    output.push(line);
    const step = /^Step (\d+\/\d+) : (\w+)/.exec(line);
    if (step) say(`${name}: building, step ${step[1]} (${step[2]})`);
  };
  try {
    const options = { buildargs: args, labels, rm: true, forcerm: true, nocache: anew };
    await follow(await docker.buildImage(toTar(context), options), onProgress);
  } catch (error) {
    const { message } = dockerFault(`${name} can't be built`, error);
    throw new SetupError([message, ...tailOf(output)].join("\n"), { cause: error });
  }
  if (id) return id;
  throw new SetupError([`${name} can't be built: Docker ended without naming an image.`, ...tailOf(output)].join("\n"));
}

const tailOf = (output: string[]) =>
  output.length > 0 ? ["The build's output ends with", ...output.slice(-10).map((line) => `  ${line}`)] : [];

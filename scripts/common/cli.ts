import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { Bystander } from "./bystander";
import { demoEnvironment } from "./demo";
import { dockerVariables } from "../docker/endpoint";
import { locate, projectFolder } from "../engine/layout";
import { engineVariables } from "../engine/variables";
import { SetupError } from "./step";
import type { Demo } from "./stack";

/**
 * The pinned engine for a command with these arguments: on the demo's backend, unless they name a stack or the shell
 * has a backend; then with the user's own login.
 *
 * @throws SetupError if the engine is not there yet
 */
export async function engineFor(args: readonly string[]): Promise<Demo> {
  const { bin } = locate();
  if (!existsSync(join(bin, "pulumi"))) throw new SetupError(`Pulumi is not in ${bin}: run npm start once.`);
  const named = args.some((arg) => arg === "-s" || arg.startsWith("--stack"));
  const own = named || process.env.PULUMI_BACKEND_URL !== undefined;
  const env = own ? { PATH: `${bin}:${process.env.PATH ?? ""}`, ...engineVariables() } : demoEnvironment(bin);
  return { bin, env: { ...env, ...dockerVariables() } };
}

/**
 * What a script's arguments say.
 *
 * @param usage how it is called, for the message about a wrong call
 * @throws SetupError for what is none of these options
 */
export function optionsOf<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  options: T,
  usage: string,
) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new SetupError(`${(error as Error).message}\n${usage}`);
  }
}

/** With which arguments a command applies the policy pack: only those in which it has a say. */
export const policyArguments = (command: string): string[] =>
  command === "up" || command === "preview" ? ["--policy-pack", "policy"] : [];

/** Runs a Pulumi command in the user's terminal, with the policy pack where that has a say, and returns its exit code. */
export async function runInTerminal({ bin, env }: Demo, command: string, args: readonly string[]): Promise<number> {
  const child = spawn(join(bin, "pulumi"), [command, ...policyArguments(command), ...args], {
    cwd: projectFolder,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  return surviving(
    (signal) => child.kill(signal),
    new Promise((resolve, reject) => {
      child.on("exit", (code) => resolve(code ?? 1));
      child.on("error", reject);
    }),
  );
}

/**
 * Stays alive through Ctrl-C and the like until a child has ended: what comes for this process is for the child.
 *
 * @param pass hands a signal to the child, unless it has it already: the engine takes a second one as "at once"
 * @param alone whether there is no child: each signal is handed on
 */
export async function surviving<T>(
  pass: (signal: NodeJS.Signals) => void,
  ended: Promise<T>,
  alone = false,
): Promise<T> {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const bystander = alone ? undefined : new Bystander();
  const heard = (signal: NodeJS.Signals) =>
    bystander ? void bystander.spared(signal).then((spared) => spared && pass(signal)) : pass(signal);
  for (const signal of signals) process.on(signal, heard);
  try {
    return await ended;
  } finally {
    for (const signal of signals) process.off(signal, heard);
    bystander?.end();
  }
}

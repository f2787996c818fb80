import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

const workflows = resolve(__dirname, "..", "..", ".github", "workflows");

/** A step of a job, as far as it is run here. */
interface Step {
  id?: string;
  if?: string;
  run?: string;
  "continue-on-error"?: boolean;
  env?: Record<string, string>;
}

interface Job {
  env?: Record<string, string>;
  steps: Step[];
}

/** How a job went. */
export interface Ran {
  succeeded: boolean;
  /** What its steps wrote, all of them. */
  log: string;
  /** By `step.name`. */
  outputs: Map<string, string>;
  /** The folder `RUNNER_TEMP`. */
  temp: string;
}

/** What the expressions of a job mean here, by their text: each that it uses must be among them. */
export type Context = Record<string, string>;

/**
 * Runs the commands of a job as a runner would: those that the file has, in their order, until one fails. What installs is
 * left out, and so are actions.
 *
 * @param cwd the checkout; the job's temporary folder is made beside it
 */
export async function runJob(file: string, name: string, cwd: string, context: Context): Promise<Ran> {
  const { jobs } = parse(readFileSync(join(workflows, file), "utf8")) as { jobs: Record<string, Job> };
  const job = jobs[name]!;
  const ran: Ran = { succeeded: true, log: "", outputs: new Map(), temp: mkdtempSync(join(cwd, "..", "runner-")) };
  const known = new Map(Object.entries(context));
  for (const step of job.steps) {
    if (!step.run || /^(?:npm ci|npx )/.test(step.run)) continue;
    const isAsked = step.if === undefined ? ran.succeeded : holds(step.if, known, ran.succeeded);
    const code = isAsked ? await runStep(step, { ...job.env, ...step.env }, cwd, known, ran) : undefined;
    if (step.id)
      known.set(`steps.${step.id}.outcome`, code === undefined ? "skipped" : code === 0 ? "success" : "failure");
    if (code && !step["continue-on-error"]) ran.succeeded = false;
  }
  return ran;
}

/** A condition of `&&`, `||`, `==` and `!=` over known expressions; without `always()` it takes that nothing failed. */
function holds(condition: string, known: Map<string, string>, succeeded: boolean): boolean {
  const of = (term: string): boolean => {
    if (term === "always()") return true;
    const [left = "", operator, right = ""] = term.split(/\s+([!=]=)\s+/);
    return (valueOf(left, known) === valueOf(right, known)) === (operator === "==");
  };
  const isTrue = condition.split(" || ").some((either) => either.split(" && ").every((term) => of(term.trim())));
  return isTrue && (succeeded || condition.includes("always()"));
}

function valueOf(expression: string, known: Map<string, string>): string {
  const text = expression.trim();
  if (/^'.*'$/.test(text)) return text.slice(1, -1);
  const value = known.get(text);
  if (value === undefined && !text.startsWith("steps.")) throw new Error(`the test does not say what ${text} is`);
  return value ?? "";
}

/** The text with its expressions replaced; of `a && b || c`, as of a condition with two ends. */
const filled = (text: string, known: Map<string, string>) =>
  text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => {
    const [, condition, yes = "", no = ""] = /^(.*) && ('.*') \|\| ('.*')$/.exec(expression.trim()) ?? [];
    return condition ? valueOf(holds(condition, known, true) ? yes : no, known) : valueOf(expression, known);
  });

async function runStep(
  step: Step,
  env: Record<string, string>,
  cwd: string,
  known: Map<string, string>,
  ran: Ran,
): Promise<number> {
  const file = join(ran.temp, `output-${known.size}`);
  writeFileSync(file, "");
  const own = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, filled(text, known)]));
  const given = Object.fromEntries([...known].filter(([name]) => /^[A-Z_]+$/.test(name)));
  const { PATH, HOME } = process.env;
  const all = {
    PATH,
    HOME,
    CI: "true",
    RUNNER_TEMP: ran.temp,
    GITHUB_OUTPUT: file,
    GITHUB_ENV: file,
    ...given,
    ...own,
  };
  const code = await new Promise<number>((done) => {
    execFile(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run!],
      { cwd, env: all },
      (error, out, err) => {
        ran.log += `$ ${step.run}\n${out}${err}\n`;
        done(error ? 1 : 0);
      },
    );
  });
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [, name, value] = /^([\w-]+)=(.*)$/.exec(line) ?? [];
    if (!name || !step.id) continue;
    ran.outputs.set(`${step.id}.${name}`, value!);
    known.set(`steps.${step.id}.outputs.${name}`, value!);
  }
  return code;
}

import type { Observed } from "../../model/observed";
import type { AtProxy } from "../planner/transition";
import { Fates, report, type Failing } from "./fates";
import { notPassed, until } from "./wait";
import type { StepContext } from "./stepContext";

/**
 * Waits until every proxy's check of these replicas has passed, but for the excused ones. What has ended for good, or
 * crashes again and again, is not waited for; what is merely slow is, for `gate.timeout`.
 *
 * @throws Error that says what the checks saw, how the containers fare, and what they wrote last
 */
export async function gate(at: readonly AtProxy[], context: StepContext): Promise<void> {
  const { balancer, inputs, progress, excused } = context;
  const must = at.map(({ proxy, servers }) => ({
    proxy,
    servers: servers.filter(({ name }) => !excused.includes(name)),
  }));
  const names = [...new Set(must.flatMap(({ servers }) => servers.map(({ name }) => name)))];
  const left = (observed: Observed) => notPassed(observed, must);
  if (context.observed && left(context.observed).length === 0) return;
  const fates = new Fates(context);
  const began = Date.now();
  const sick = await until(balancer, inputs.gateTimeout, progress, async (observed) => {
    const lines = left(observed);
    const sick = new Set(lines.map(nameIn));
    const hopeless = await fates.look(names.filter((name) => sick.has(name)));
    if (hopeless)
      throw new Error(
        await report(`${hopeless}, ${seconds(Date.now() - began)} into the gate`, lines.map(failing), fates),
      );
    return lines;
  });
  if (sick.length === 0) return;
  const what = `not healthy after ${inputs.gateTimeout / 1_000} s (gate.timeout)`;
  throw new Error(await report(what, sick.map(failing), fates));
}

const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
const nameIn = (line: string) => line.split(" ", 1)[0]!;
const failing = (line: string): Failing => ({ name: nameIn(line), lines: [line] });

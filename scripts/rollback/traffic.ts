import { otherColor, perColor, type Color } from "../../model/color";
import { apply } from "../../routing/executor/apply";
import { commandVariables } from "../../routing/executor/commands";
import { runCommand } from "../../routing/localCommand";
import { StuckError } from "../../routing/executor/revert";
import { newTurn } from "../../routing/executor/turn";
import { Interrupted } from "../../routing/executor/wait";
import { unwrapped } from "../common/deployed";
import type { Known } from "./facts";
import { ALL_BLUE } from "../../model/share";
import type { RoutingInputs } from "../../plan/routing";
import { Overtaken } from "../../routing/executor/balancer";

export { Overtaken, StuckError };

/** The replicas of a color that HAProxy knows just now, and those that it would know after a restart. */
function replicasIn({ observed }: Known, color: Color): string[] {
  const tables = [
    ...(observed.file ? [observed.file.slots[color]] : []),
    ...observed.proxies.flatMap(({ workers }) => workers.map(({ servers }) => servers[color])),
  ];
  return [...new Set(tables.flat().flatMap(({ name }) => name ?? []))];
}

/**
 * Gives production to a color at once, without Pulumi: by the same steps as an update takes, with the same gate. Sick
 * replicas are not waited for, and of the color that loses the traffic nothing is changed.
 *
 * @param signal interrupts it
 * @returns the id of its turn
 * @throws Error if it cannot be: the traffic is then where it was
 * @throws Overtaken if another update or rollback began meanwhile
 */
export async function moveTraffic(known: Known, to: Color, signal: AbortSignal): Promise<string> {
  const { balancer, observed, facts } = known;
  const before = unwrapped(known.routing.inputs) as RoutingInputs;
  const from = otherColor(to);
  const stays = replicasIn(known, from);
  const share = to === "blue" ? ALL_BLUE : 0;
  const replicas = perColor((color) => (color === to ? before.replicas[to] : stays));
  const say = (line: string) => console.log(`  ${line}`);
  const progress = {
    ...{ show: () => undefined, log: say, warn: say },
    throwIfStopped: () => {
      if (signal.aborted) throw new Interrupted();
    },
  };
  const turn = newTurn("rollback", share);
  const excused = [...stays, ...facts[to].sick.map(({ name }) => name)];
  await apply(balancer, { ...before, activeColor: to, share, replicas }, progress, { before, turn, excused, observed });
  return turn.id;
}

/** Runs the operator's command for a rollback (`hooks.onRollback`). That it fails is told: the traffic is where it belongs. */
export async function followUp(known: Known, to: Color, signal: AbortSignal): Promise<void> {
  const { rollout } = unwrapped(known.routing.inputs) as RoutingInputs;
  if (!rollout?.onRollback) return;
  const say = (line: string) => console.log(`  ${line}`);
  const variables = commandVariables(rollout, to, to === "blue" ? ALL_BLUE : 0);
  await runCommand("hooks.onRollback", rollout.onRollback, variables, say, signal).catch((error: Error) =>
    say(error.message),
  );
}

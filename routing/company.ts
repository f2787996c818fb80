import type { Rollout } from "../model/rollout";
import { commandVariables } from "./executor/commands";
import type { Company } from "./executor/company";
import { watchOf } from "./executor/watched";
import { runCommand } from "./localCommand";

/**
 * What a switch has besides the load balancer: commands on this machine, and a watch.
 *
 * @param tell   hears each line that a command writes
 * @param signal ends a command
 */
export const companyOf = (rollout: Rollout, tell: (line: string) => void, signal: AbortSignal): Company => ({
  run: (key, command, { color, to }) =>
    runCommand(key, command, commandVariables(rollout, color, to), (line) => tell(`${key}: ${line}`), signal),
  watch: watchOf(),
});

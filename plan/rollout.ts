import { PER_PERCENT } from "../model/share";
import { perColor } from "../model/color";
import type { LocalCommand, Rollout } from "../model/rollout";
import type { Settings } from "../settings/settings";
import { loadBalancerPlan, urlOf } from "./loadBalancer";

const command = (line: string | undefined, timeout: number): LocalCommand | undefined =>
  line === undefined ? undefined : { line, timeout };

/** What is there of these, without those that are not. */
const given = <T extends object>(all: T) =>
  Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

/** How a switch is made; nothing where config asks for none of it, so that it is made all at once. */
export function rolloutOf(site: string, settings: Settings, host?: string): Rollout | undefined {
  const { gate, canary, watch, hooks } = settings;
  const accompanied = given({
    command: command(gate.command, gate.commandTimeout),
    watchFor: watch.for,
    beforeSwitch: command(hooks.beforeSwitch, hooks.timeout),
    afterSwitch: command(hooks.afterSwitch, hooks.timeout),
    onRollback: command(hooks.onRollback, hooks.timeout),
  });
  if (gate.requests.length === 0 && canary.steps.length === 0 && Object.keys(accompanied).length === 0)
    return undefined;
  const { production, https, staging } = loadBalancerPlan(site, settings);
  const named = settings.hosts.find((name) => !name.startsWith("*.")) ?? settings.hosts[0];
  const { errors, slow, slowAnswers, retries, minimum, wait, quiet } = watch;
  return {
    requests: gate.requests,
    steps: canary.steps.map((percent) => percent * PER_PERCENT),
    interval: canary.interval,
    ...accompanied,
    limits: {
      ...{ slow, minimum, wait, quiet },
      ...{ errors: errors / 100, slowAnswers: slowAnswers / 100, retries: retries / 100 },
    },
    ...given({ retry: watch.retry }),
    urls: { production: urlOf(https ?? production, named ?? host), staging: urlOf(staging) },
    tags: perColor((color) => settings[color].tag),
  };
}

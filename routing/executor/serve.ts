import { currentWorker, type Observed } from "../../model/observed";
import type { ProxyContainer } from "./balancer";
import { until } from "./wait";
import type { StepContext } from "./stepContext";

/** A proxy that did not serve when this update began may take so long to come, in milliseconds. */
const SHORT_WHILE = 3_000;

/**
 * Waits until these proxies serve.
 *
 * One that was there before this update and did not serve then is left out with a warning, as long as another serves:
 * it reads all files when it starts. So are those of a machine that takes no part. A new one must come within `gate.timeout`.
 *
 * @param wanted names the settings
 * @throws Error with their last words if some do not
 */
export async function serve(names: readonly string[], wanted: string, context: StepContext): Promise<void> {
  const { balancer, inputs, progress } = context;
  const began = Date.now();
  // One that began with the file of before serves other settings: the next round loads the new one into it.
  const missing = ({ proxies }: Observed) =>
    names.filter((name) => {
      const proxy = proxies.find((one) => one.name === name);
      return !proxy || !currentWorker(proxy);
    });
  const left = await until(balancer, inputs.gateTimeout, progress, (observed) => {
    if (observed.proxies.some((proxy) => currentWorker(proxy)?.fingerprint === wanted))
      for (const name of missing(observed)) if (mayMiss(name, observed, began, context)) leaveOut(name, context);
    return missing(observed)
      .filter((name) => !context.absent.has(name))
      .map((name) => `waiting for ${name}`);
  });
  if (left.length === 0) return;
  const late = missing(await balancer.observe()).filter((name) => !context.absent.has(name));
  if (late.length === 0) return;
  const complaints = await Promise.all(late.map((name) => balancer.complaint(name, inputs)));
  throw new Error(`these proxies do not serve after ${inputs.gateTimeout / 1_000} s:\n  ${complaints.join("\n  ")}`);
}

function mayMiss(
  name: string,
  { proxies }: Observed,
  began: number,
  { balancer, before, served }: StepContext,
): boolean {
  const proxy = proxies.find((one) => one.name === name);
  const container = balancer.containerOf(name);
  if (container?.away !== undefined) return true;
  if (!before.includes(name) || (proxy && currentWorker(proxy))) return false;
  if (!container || (!container.running && !container.restarting)) return true;
  return !served.has(name) && Date.now() - began > SHORT_WHILE;
}

function leaveOut(name: string, { balancer, progress, absent }: StepContext): void {
  if (absent.has(name)) return;
  const container = balancer.containerOf(name);
  const away = container?.away;
  const isTold = away !== undefined && [...absent].some((other) => balancer.containerOf(other)?.away === away);
  absent.add(name);
  const then =
    away === undefined
      ? "When it starts, it reads what is written now"
      : "This update brings nothing there: run pulumi up again when it is back";
  if (!isTold) progress.warn(`${absence(name, container)}. ${then}`);
}

/** That a proxy does not serve, and what to do about it. */
export function absence(name: string, container: ProxyContainer | undefined): string {
  if (!container) return `${name} does not exist: pulumi up --refresh creates it again`;
  const { running, restarting, status, away } = container;
  if (away !== undefined) return away;
  return running || restarting
    ? `${name} does not serve (${status}): docker logs ${name} says why`
    : `${name} is stopped (${status}): pulumi up --refresh starts it`;
}

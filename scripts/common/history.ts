import type { ActiveColor } from "../../model/color";
import { pulumi, type Demo } from "./stack";

/**
 * One entry of `pulumi stack history --json`: an update, or another command that wrote the state. A backend of files
 * keeps one when the command has ended, with success or without; what was killed, and a preview, leave none.
 */
export interface Update {
  /** update, refresh, destroy, import, resource-import, rename; preview on the service alone. */
  kind: string;
  /** succeeded, failed, or in-progress on the service alone. */
  result: string;
  /** The service's number of it; 0 on a backend of files. */
  version?: number;
  /** As ISO 8601, in whole seconds. */
  startTime?: string;
  /** Unset while it is under way. */
  endTime?: string;
  /** `--message`, or the first line of the commit that was checked out. */
  message?: string;
  /** Where and how it was run: `git.*`, `exec.*`, `pulumi.flag.*`, in CI `ci.*`. */
  environment?: Record<string, string>;
  /** By full key, as it was then. A key that holds a secret has no value. */
  config?: Record<string, ConfigValue | undefined>;
  /** How many resources by what was done with them; without those that a failure kept from being done. */
  resourceChanges?: Record<string, number>;
}

/** A key's value; an object or a list in both forms. */
interface ConfigValue {
  value?: string;
  objectValue?: unknown;
  secret?: boolean;
}

/** Marks our own entries in a stack's history. */
export const ROLLBACK_AGENT = "bluegreen-rollback";

/** What config said of a key of the program. */
export const valueIn = (update: Update, key: string) => update.config?.[`blue-green:${key}`];

/** Which color config asked for. */
export const activeColorIn = (update: Update) => valueIn(update, "activeColor")?.value as ActiveColor | undefined;

/** Whether only a part of the stack was updated: then config says what was wanted, not what was done. */
export const isPartial = ({ environment = {} }: Update) =>
  Object.keys(environment).some((name) => /^pulumi\.flag\.(target|exclude)/.test(name));

/** Whether it is the update with which `npm run rollback` brings the state after the traffic. */
export const isOurs = ({ environment = {} }: Update) => environment["exec.agent"] === ROLLBACK_AGENT;

/**
 * A page of a stack's history, newest first; empty behind its end.
 *
 * @param size entries of a page
 * @param page from 1 on
 * @throws SetupError with Pulumi's words if there is no such stack
 */
export async function pageOfHistory(engine: Demo, stack: readonly string[], size: number, page = 1): Promise<Update[]> {
  const pages = ["--page-size", String(size), "--page", String(page)];
  return JSON.parse(await pulumi(engine, ["stack", "history", "--json", ...pages, ...stack])) as Update[];
}

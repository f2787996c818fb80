import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { at, removeCommand, type Fault } from "./fault";
import { faultsOfValue } from "./members";
import { schema } from "./schema";
import { shown } from "./shown";
import type { About } from "./values";

/** What is known while faults are told: the raw config, and which of its top-level keys hold a secret. */
export interface FaultContext {
  raw: Record<string, unknown>;
  secret: ReadonlySet<string>;
}

/** The keys that the schema knows at a path; none where the path ends in a value. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  let here: unknown = schema;
  for (const key of path) here = (opened(here) as { shape?: Record<PropertyKey, unknown> }).shape?.[key];
  return Object.keys((opened(here) as { shape?: object }).shape ?? {});
}

/** A schema without its default and its being optional. */
function opened(wrapped: unknown): unknown {
  let inner = wrapped as { unwrap?: () => unknown } | undefined;
  while (inner?.unwrap) inner = inner.unwrap() as typeof inner;
  return inner ?? {};
}

function unknownKey(path: readonly PropertyKey[], key: string, raw: unknown): Fault {
  const known = keysAt(path);
  const likely = closest(key, known);
  const near = distance(key.toLowerCase(), likely.toLowerCase()) <= Math.max(1, key.length / 3);
  const whole = [...path, key].join(".");
  return {
    key: whole,
    got: at(raw, [...path, key]),
    allowed: `unknown key${near ? `, did you mean ${likely}?` : ""}; allowed: ${known.join(", ")}`,
    mend: removeCommand(whole),
  };
}

/** Turns what zod found into faults that a user can mend. */
export function faultsOf(error: z.ZodError, raw: unknown): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const key = issue.path.join(".");
    if (issue.code === "unrecognized_keys") return issue.keys.map((name) => unknownKey(issue.path, name, raw));
    const about = issue.code === "custom" ? (issue.params?.["about"] as About | undefined) : undefined;
    const got = at(raw, issue.path);
    if (about && issue.code === "custom") return faultsOfValue(key, got, about, issue.params?.["astray"] as string[]);
    return [{ key, got, allowed: `a map with the keys ${keysAt(issue.path).join(", ")}`, mend: removeCommand(key) }];
  });
}

const said = (key: string, got: unknown, secret: boolean) =>
  got === undefined ? "it is not set" : `got ${secret ? "[secret]" : shown(key, got)}`;

/** All faults as one message for a person: a line on what is wrong, and below it the command that mends it. */
export function messageOf(faults: readonly Fault[], { secret }: FaultContext): string {
  const rows = faults.map(({ key, got, allowed, mend }) => {
    const rule = allowed.startsWith("unknown key") || got === undefined ? allowed : `allowed: ${allowed}`;
    const hidden = secret.has(key.split(".")[0] ?? "") || key.split(".").includes("registry");
    return `  ${key}: ${said(key, got, hidden)}; ${got === undefined ? `allowed: ${rule}` : rule}\n      ${mend}`;
  });
  const count = rows.length === 1 ? "1 fault" : `${rows.length} faults`;
  return `the stack's config has ${count}; nothing was changed:\n${rows.join("\n")}`;
}

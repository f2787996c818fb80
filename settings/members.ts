import { memberOf, removeCommand, setCommand, type Fault } from "./fault";
import { isMap, type About } from "./values";

/**
 * The faults of one value: of a list or a map each member that is not allowed, else the value as a whole.
 *
 * @param wrong the members that are not allowed by themselves
 */
export function faultsOfValue(key: string, got: unknown, about: About, wrong: readonly (string | number)[]): Fault[] {
  const { allowed, example, below = "", also } = about;
  const whole = [[below, example] as const, ...(also ? [also] : [])].map(([at, text]) => setCommand(key + at, text));
  const fits = below === "" || (below.startsWith("[") ? Array.isArray(got) : isMap(got));
  // Pulumi sets nothing below a value of another kind.
  if (!fits)
    return [{ key, got, allowed, mend: [...(got == null ? [] : [removeCommand(key)]), ...whole].join(" && ") }];
  if (below === "" || Object.keys(got as object).length === 0) return [{ key, got, allowed, mend: whole.join(" && ") }];
  if (wrong.length === 0) return [{ key, got, allowed, mend: removeCommand(key) }];
  return wrong.map((member) => ({
    ...{ key, got: (got as Record<string, unknown>)[member] ?? { [member]: null }, allowed },
    mend: below === "[0]" ? setCommand(memberOf(key, member), example) : removeCommand(memberOf(key, member)),
  }));
}

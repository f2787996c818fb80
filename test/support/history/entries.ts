import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Update } from "../../../scripts/common/history";
import type { Entry } from "../../../scripts/history/events";
import { StateReader } from "../../../scripts/history/inState";

/** What stands in a file beside this one. */
export const fixture = <T>(name: string) => JSON.parse(readFileSync(join(__dirname, name), "utf8")) as T[];

/** A real stack's history, oldest first, with or without the states. */
export function real(withStates: boolean): Entry[] {
  const reader = new StateReader();
  const updates = fixture<Update>("updates.json").reverse();
  const states = fixture<object>("states.json").reverse();
  return updates.map((update, index) => ({ update, ...(withStates && { state: reader.read(states[index]) }) }));
}

/** An update with green v1 × 3 and blue v2 × 3. */
export function update(activeColor: string, more: Partial<Update> & Record<string, unknown> = {}): Update {
  const { green = { tag: "v1", scale: 3 }, blue = { tag: "v2", scale: "3" }, weights, config, ...rest } = more;
  const keys = { "blue-green:blue": { objectValue: blue }, "blue-green:green": { objectValue: green } };
  return {
    ...{
      kind: "update",
      result: "succeeded",
      startTime: "2026-01-02T03:04:05.000Z",
      endTime: "2026-01-02T03:04:17.000Z",
    },
    config: {
      ...{ "blue-green:activeColor": { value: activeColor }, "blue-green:image": { value: "shop" }, ...keys },
      ...(weights !== undefined && { "blue-green:weights": { objectValue: weights } }),
      ...(config as object),
    },
    ...rest,
  };
}

import type { PolicyConfigSchema } from "@pulumi/policy";
import { DAYS } from "./freeze";
import { ALLOWED_PATHS } from "./rules";

type Parameter = PolicyConfigSchema["properties"][string];

/** A number that a file of levels may set. */
export const number = (fallback: number, minimum: number, maximum: number): Parameter => ({
  ...{ type: "number", minimum, maximum, default: fallback },
});

/** Absolute paths. */
export const paths: Parameter = {
  ...{ type: "array", items: { type: "string", pattern: "^/" }, default: ALLOWED_PATHS },
};

const CLOCK = "([01]\\d|2[0-3]):[0-5]\\d";
const DATE = "\\d{4}-\\d\\d-\\d\\d";
/** The windows of a freeze; the engine holds a file of levels against this. */
export const freeze: Record<string, Parameter> = {
  timeZone: { type: "string", default: "UTC" },
  windows: {
    type: "array",
    default: [],
    items: {
      type: "object",
      additionalProperties: false,
      properties: {
        days: { type: "array", minItems: 1, items: { type: "string", enum: [...DAYS] } },
        hours: { type: "string", pattern: `^${CLOCK}-(${CLOCK}|24:00)$` },
        dates: { type: "string", pattern: `^${DATE}(\\.\\.${DATE})?$` },
      },
    },
  },
};

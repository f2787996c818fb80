import { asText } from "./values";

/** The versions of the database's schema (or of other data) with which a version of the application works. */
export interface DataSchema {
  min: number;
  /** Not below `min`. */
  max: number;
}

/** A version such as `3`, or a first and a last one such as `3-4`. */
export function dataSchema(raw: unknown): DataSchema | undefined {
  const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(asText(raw) ?? "") ?? [];
  const [min, max] = [Number(first), Number(last)];
  return min <= max ? { min, max } : undefined;
}

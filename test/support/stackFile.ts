import { parse } from "yaml";

/** The config in a stack's file, by bare key. */
export function configIn(text: string): Record<string, unknown> {
  const { config } = parse(text) as { config: Record<string, unknown> };
  return Object.fromEntries(Object.entries(config).map(([key, inner]) => [key.replace(/^blue-green:/, ""), inner]));
}

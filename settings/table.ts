import { schema } from "./schema";
import { aboutOf, type About } from "./values";

interface Node {
  shape?: Record<string, object>;
  unwrap?: () => object;
}

/** Every config key with what is said about it, in the schema's order. */
export function* keys(schemaOf: object = schema, path: string[] = []): Generator<[string, About]> {
  let node: object = schemaOf;
  while (!aboutOf(node) && (node as Node).unwrap) node = (node as Required<Node>).unwrap();
  const about = aboutOf(node);
  if (about) yield [path.join("."), about];
  for (const [key, inner] of Object.entries((node as Node).shape ?? {})) yield* keys(inner, [...path, key]);
}

/** A color's own keys; the rest of a color is that of `app`. */
const COLOR_KEYS = ["tag", "scale"];

/** The README's table of all config keys. */
export function configTable(): string {
  const rows = [...keys()].flatMap(([key, { doc, allowed, fallback }]) => {
    const [first = "", second = ""] = key.split(".");
    if (first === "green" || (first === "blue" && !COLOR_KEYS.includes(second))) return [];
    const shown = first === "blue" ? `\`${key}\`, \`green.${second}\`` : `\`${key}\``;
    return [`| ${shown} | ${doc} | ${allowed} | ${fallback ?? "required"} |`];
  });
  return ["| key | meaning | values | default |", "|---|---|---|---|", ...rows].join("\n");
}

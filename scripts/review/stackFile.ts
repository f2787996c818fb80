import { decoded } from "../../settings/decoded";
import { keys } from "../../settings/table";
import { hashOf } from "./fingerprint";

/** A stack's config as its file has it, without a look behind what is encrypted. */
export interface StackConfig {
  /** By top-level key, as the program gets it; where a value is encrypted, a stand-in that differs where that does. */
  raw: Record<string, unknown>;
  /** The top-level keys with something encrypted in them. */
  secret: Set<string>;
  /** What stands for each encrypted value, by its path. */
  encrypted: Map<string, string>;
  /** Keys of other packages, such as `docker:host`. */
  foreign: Record<string, unknown>;
}

type Node = Record<string, unknown>;
const isMap = (value: unknown): value is Node => value !== null && typeof value === "object" && !Array.isArray(value);
const isEncrypted = (value: unknown): value is { secure: string } =>
  isMap(value) && Object.keys(value).join() === "secure" && typeof value["secure"] === "string";

/** What a value must look like where not every text will do. */
const EXAMPLES = new Map([...keys()].map(([key, about]) => [key, about]));
const FREE = /\.(?:env|headers|secrets)\.|\.(?:command|entrypoint)\.\d+$|registry\.|^tls\.certificates\.|^pages\./;

function standIn(path: string, cipher: string): unknown {
  if (FREE.test(path)) return `encrypted ${hashOf(cipher)}`;
  const key = path.replace(/\.\d+(?=\.|$)/g, "");
  return (
    EXAMPLES.get(key)?.example ?? EXAMPLES.get(key.replace(/^(?:blue|green)\./, "app."))?.example ?? hashOf(cipher)
  );
}

function opened(value: unknown, path: string, encrypted: Map<string, string>): unknown {
  if (isEncrypted(value)) {
    encrypted.set(path, hashOf(value.secure));
    return standIn(path, value.secure);
  }
  if (Array.isArray(value)) return value.map((inner, index) => opened(inner, `${path}.${index}`, encrypted));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, opened(inner, `${path}.${key}`, encrypted)]),
  );
}

/**
 * Reads the config of a stack's file.
 *
 * @param file    what the file holds, parsed
 * @param project the project's name, before each of its keys
 */
export function stackConfigOf(file: unknown, project: string): StackConfig {
  const all = isMap(file) && isMap(file["config"]) ? file["config"] : {};
  const config: StackConfig = { raw: {}, secret: new Set(), encrypted: new Map(), foreign: {} };
  for (const [key, value] of Object.entries(all)) {
    const own = key.startsWith(`${project}:`) ? key.slice(project.length + 1) : undefined;
    if (own === undefined) {
      config.foreign[key] = value;
      continue;
    }
    const before = config.encrypted.size;
    const plain = opened(value, own, config.encrypted);
    config.raw[own] = typeof plain === "object" ? plain : decoded(own, `${plain as string | number | boolean}`);
    if (config.encrypted.size > before) config.secret.add(own);
  }
  return config;
}

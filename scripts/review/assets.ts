import { assets as local, checkedPage } from "../../assets/assets";
import type { Text } from "../../assets/inside";
import type { Assets } from "../../settings/assets";
import type { StackConfig } from "./stackFile";
import { isInside, type Source } from "./source";

const isPem = (text: string) => text.includes("-----BEGIN");
const isStandIn = (text: string) => text.startsWith("encrypted ");

function pathsIn({ raw }: StackConfig): string[] {
  const { pages = {}, tls } = raw as { pages?: Record<string, unknown>; tls?: { certificates?: unknown } };
  const pairs = Array.isArray(tls?.certificates) ? (tls.certificates as Record<string, unknown>[]) : [];
  const named = [...Object.values(pages), ...pairs.flatMap((pair) => [pair?.["certificate"], pair?.["key"]])];
  return named.filter((path): path is string => typeof path === "string" && !isPem(path) && !isStandIn(path));
}

/** What a config names outside itself, from where the config comes from, and from nowhere else. */
export async function assetsOf(config: StackConfig, source: Source): Promise<Assets> {
  const texts = new Map<string, Text>();
  for (const path of pathsIn(config)) texts.set(path, await read(path, source));
  const textOf = (path: string): Text => texts.get(path) ?? { fault: "a file in the project" };
  return {
    page: (path) => checkedPage(textOf(path)),
    certificate: (pair) => {
      const known = (text: string): string | undefined => {
        if (isPem(text)) return text;
        const found = texts.get(text);
        return found && "text" in found ? found.text : undefined;
      };
      const [certificate, key] = [known(pair.certificate), known(pair.key)];
      if (certificate && key) return local.certificate({ certificate, key });
      // Encrypted, or on the machine that deploys: it can be compared, and not looked into.
      const pem = `${certificate ?? pair.certificate}\n${key ?? pair.key}`;
      return { pem, expires: new Date(8.64e15), subject: "one that cannot be read here", covers: () => true };
    },
    isPlain: (_stack, path, text) => !config.encrypted.has(path.join(".")) && !isStandIn(text),
  };
}

async function read(path: string, source: Source): Promise<Text> {
  if (!isInside(path)) return { fault: "a file inside the project, and no hidden one" };
  const text = await source.read(path);
  return text === undefined ? { fault: `a file; there is none of this name in ${source.name}` } : { text };
}

import { CONFIG_FOLDER } from "./names";
import type { HaproxyInputs, HaproxySettings, ListName } from "./settings";

/**
 * The lists that stand in files of their own, each an item a line: HAProxy takes 64 words in a line of its
 * configuration. A list without items has no file.
 *
 * @param certificates the names of the certificates' files, the first of which answers whoever names no other's host
 */
export function listTexts(
  { hosts, trustedProxies }: Pick<HaproxySettings, "hosts" | "trustedProxies">,
  certificates: readonly string[],
): Partial<Record<ListName, string>> {
  const all: Record<ListName, readonly string[]> = {
    hosts: hosts.filter((host) => !host.startsWith("*.")),
    domains: hosts.filter((host) => host.startsWith("*.")).map((host) => host.slice(1)),
    trustedProxies,
    certificates: certificates.map((file) => `${CONFIG_FOLDER}/${file}`),
  };
  const filled = Object.entries(all).filter(([, items]) => items.length > 0);
  return Object.fromEntries(filled.map(([name, items]) => [name, `${items.join("\n")}\n`]));
}

/** Where a proxy finds a list; undefined for one without items. */
export function listFile({ lists }: HaproxyInputs, name: ListName): string | undefined {
  const file = lists[name];
  return file && `${CONFIG_FOLDER}/${file}`;
}

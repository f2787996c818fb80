import { backend } from "./backend";
import { tables } from "./accessRules";
import { countersTable } from "./counters";
import { metrics, production, staging } from "./frontends";
import { defaults, globalSection, resolvers } from "./global";
import { metricsPages } from "./replicas";
import { smokeFrontend } from "./smoke";
import type { HaproxyInputs } from "./settings";
import { COLORS, type PerColor } from "../../model/color";
import type { Slot } from "../../model/slot";

/**
 * The whole text of HAProxy's configuration. Its slots are read back by `readConfig`.
 *
 * @param fingerprint names the settings; a worker that runs this text tells it
 */
export function haproxyConfig(inputs: HaproxyInputs, slots: PerColor<readonly Slot[]>, fingerprint: string): string {
  const parts = [
    globalSection(inputs, fingerprint),
    resolvers(inputs),
    defaults(inputs),
    ...tables(inputs),
    ...countersTable(inputs),
    production(inputs),
    staging(inputs),
    ...(inputs.smoke ? [smokeFrontend(inputs)] : []),
    metrics(inputs, metricsPages(slots, inputs.site)),
    ...COLORS.map((color) => backend(inputs, color, slots[color])),
  ];
  return `# Written by Pulumi: a change by hand is undone by the next update.\n${parts.join("\n")}\n`;
}

import { lines } from "../../explain/text";
import type { Review } from "./review";

/** A review for a terminal. */
export function plainText({ stack, verdict, refused, explanation, config, notes, live, fingerprint }: Review): string {
  const rows = live?.rows.map(({ change, resource, properties }) =>
    `  ${change} ${resource} ${properties.join(", ")}`.trimEnd(),
  );
  return [
    `${stack}, ${live ? "as HAProxy and the state are now" : "from the two stack files alone"}`,
    ...(explanation && refused.length === 0 ? lines(explanation) : [verdict]),
    ...refused.map((fault) => `  ${fault.replaceAll("\n", "\n  ")}`),
    ...(live?.policies ?? []).map(
      ({ level, policy, resource, message }) => `  ${level} policy ${policy}, ${resource}: ${message.trim()}`,
    ),
    ...[...notes, ...(live?.messages ?? [])].map((note) => `  note: ${note.replaceAll("\n", "\n    ")}`),
    ...(config.length > 0
      ? ["  config:", ...config.map(({ key, before, after }) => `    ${key}: ${before} → ${after}`)]
      : []),
    ...(rows && rows.length > 0 ? ["  resources:", ...rows.map((row) => `  ${row}`)] : []),
    `  fingerprint ${fingerprint}`,
  ].join("\n");
}

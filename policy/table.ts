import { levelsFor } from "./levels";
import { RULES } from "./pack";

const ENVIRONMENTS = ["prod", "dev"];

/** The documents' table of all rules, with the level of each environment. */
export function policyTable(): string {
  const levels = ENVIRONMENTS.map((environment) => levelsFor(environment));
  const rows = RULES.map(({ name, description, reason }) => {
    const cells = levels.map(({ [name]: said }) => (typeof said === "string" ? said : (said?.enforcementLevel ?? "")));
    return `| \`${name}\` | ${description} | ${reason} | ${cells.join(" | ")} |`;
  });
  return [`| rule | what holds | why | ${ENVIRONMENTS.join(" | ")} |`, "|---|---|---|---|---|", ...rows].join("\n");
}

import { npmScript, type Check } from "./check";
import { goVet } from "./go";
import { shellCheck } from "./shell";
import { workflows } from "./workflows";

/** All checks of the source; what takes longest begins first. */
export const CHECKS: readonly Check[] = [
  npmScript("linter and imports", "lint"),
  npmScript("types", "typecheck"),
  goVet,
  npmScript("format", "format:check"),
  npmScript("dead code", "deadcode"),
  shellCheck,
  workflows,
];

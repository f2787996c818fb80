import { otherColor, type Color } from "../../model/color";
import type { LocalCommand, Rollout } from "../../model/rollout";
import { PER_PERCENT, partOf, type Share } from "../../model/share";

/** The config keys that hold a command for the machine on which Pulumi runs. */
export type CommandKey = "gate.command" | "hooks.beforeSwitch" | "hooks.afterSwitch" | "hooks.onRollback";

/**
 * Runs such a command to its end.
 *
 * @param variables what it is told besides the caller's environment
 * @param tell      gets each line that it writes, up to a bound
 * @param signal    ends it
 * @throws Error with the key, how it ended and the last that it wrote, unless it ended with 0 in time
 */
export type RunCommand = (
  key: CommandKey,
  command: LocalCommand,
  variables: Readonly<Record<string, string>>,
  tell: (line: string) => void,
  signal: AbortSignal,
) => Promise<void>;

/**
 * What a command is told of the switch that it accompanies, as environment variables; docs/gates.md lists them.
 *
 * @param color the color that gets traffic, or gets it back
 * @param share blue's part of the traffic when the switch is done
 */
export function commandVariables(
  { tags, urls }: Pick<Rollout, "tags" | "urls">,
  color: Color,
  share: Share,
): Record<string, string> {
  const from = otherColor(color);
  return {
    BLUEGREEN_COLOR: color,
    BLUEGREEN_TAG: tags[color],
    BLUEGREEN_FROM_COLOR: from,
    BLUEGREEN_FROM_TAG: tags[from],
    BLUEGREEN_SHARE: String(partOf(color, share) / PER_PERCENT),
    BLUEGREEN_URL: urls.production,
    BLUEGREEN_STAGING_URL: urls.staging,
  };
}

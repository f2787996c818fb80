import type { ConfigFile } from "../../model/observed";
import { perColor, type Color } from "../../model/color";
import { APPLICATIONS, NOWHERE, TASK } from "./backend";
import { FINGERPRINT_VARIABLE, backendName } from "./names";
import type { Application } from "../../model/application";
import type { Slot } from "../../model/slot";
import { taskOf } from "./tasks";

const SERVER = new RegExp(
  `^ {2}server \\S+ (\\S+):(\\d+)(?: cookie \\S+)?(?: inter \\S+ fastinter \\S+ downinter \\S+)?( disabled)?(?: #(?: (\\d+))?(?: ${TASK} (\\d+))?)?$`,
  "gm",
);

/** Reads a configuration back as far as routing needs it; undefined where the text is none of ours. */
export function readConfig(text: string, site: string): ConfigFile | undefined {
  const fingerprint = new RegExp(`^  setenv ${FINGERPRINT_VARIABLE} (\\S+)$`, "m").exec(text)?.[1];
  if (!fingerprint) return undefined;
  const read = perColor((color) => readBackend(text, site, color));
  return {
    fingerprint,
    applications: perColor((color) => read[color].applications[0]!),
    slots: perColor((color) => read[color].slots),
  };
}

function readBackend(text: string, site: string, color: Color): { applications: Application[]; slots: Slot[] } {
  const [, rest = ""] = text.split(`\nbackend ${backendName(site, color)}\n`);
  const body = rest.split("\nbackend ")[0] ?? "";
  const [, list] = new RegExp(`^  ${APPLICATIONS}(.*)$`, "m").exec(body) ?? [];
  const applications = list ? (JSON.parse(list) as Application[]) : [earlierApplication(body, site)];
  const slots = [...body.matchAll(SERVER)].map(([, name = "", , disabled, number, task]): Slot => {
    const application = number === undefined ? undefined : applications[Number(number)];
    const own = task === undefined ? name : taskOf(name, task);
    const held = name === NOWHERE ? { gated: false } : { name: own, gated: !disabled };
    return { ...held, ...(application && { application }) };
  });
  return { applications, slots };
}

/** The application of a configuration that an earlier version wrote: it named none, and had one for all its slots. */
function earlierApplication(body: string, site: string): Application {
  const found = (pattern: RegExp) => pattern.exec(body)?.[1];
  return {
    port: Number(found(/^ {2}server \S+ \S+:(\d+)/m) ?? 80),
    health: {
      path: found(/http-check send meth GET uri (\S+)/) ?? "/",
      host: found(/ hdr Host (\S+)/) ?? site,
      headers: {},
      interval: Number(found(/ inter (\d+)ms/) ?? 1_000),
      timeout: Number(found(/timeout check (\d+)ms/) ?? 2_000),
    },
  };
}

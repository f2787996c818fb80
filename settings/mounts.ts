import { at, memberOf, removeCommand, setCommand, type Fault } from "./fault";
import { shortVolume, volumeConfigs } from "./volumes";

/** Where `volumes` may stand. */
const PLACES = ["app.volumes", "blue.volumes", "green.volumes"];

/** The volumes of one place, as far as they look like some. */
const volumesAt = (raw: unknown, place: string) => {
  const list: unknown = at(raw, place.split("."));
  return (Array.isArray(list) ? list : []).filter((one) => typeof one === "string").map(shortVolume);
};

/** Docker refuses two things at one place in a container. */
export const distinctMounts = (raw: Record<string, unknown>): Fault[] =>
  PLACES.flatMap((key) => {
    const paths = volumesAt(raw, key).map(({ containerPath }) => containerPath.replaceAll(/\/+(?=\/|$)/g, ""));
    const twice = paths.find((path, index) => paths.indexOf(path) !== index);
    if (twice === undefined) return [];
    const allowed = `each path in the container once; ${twice} is there twice`;
    const again = paths.lastIndexOf(twice);
    return [{ key, got: at(raw, key.split(".")), allowed, mend: removeCommand(memberOf(key, again)) }];
  });

/** What is said of a volume that nobody mounts is a slip of the pen: the one that was meant would begin empty. */
export const mountedVolumes = (raw: Record<string, unknown>): Fault[] => {
  const said = volumeConfigs(raw["volumes"]) ?? {};
  const mounted = [...new Set(PLACES.flatMap((place) => volumesAt(raw, place)).map(({ source }) => source))];
  const named = mounted.filter((source) => !source.startsWith("/"));
  const unsaid = named.find((source) => said[source] === undefined);
  const meant = unsaid === undefined ? [] : [setCommand(`${memberOf("volumes", unsaid)}.external`, "true")];
  return Object.entries(said)
    .filter(([name]) => !named.includes(name))
    .map(([name, got]) => ({
      key: memberOf("volumes", name),
      got,
      allowed: `a volume that app.volumes mounts: ${named.join(", ") || "there is none"}`,
      mend: [removeCommand(memberOf("volumes", name)), ...meant].join(" && "),
    }));
};

import { at, memberOf, removeCommand, setCommand, type Fault } from "./fault";
import { isMap } from "./values";

/** What a container has on one host alone. */
const NAMED_VOLUME = /^[^/]/;

const mounts = (raw: unknown): Fault[] =>
  ["app", "blue", "green"].flatMap((of) => {
    const all = at(raw, [of, "volumes"]);
    if (!Array.isArray(all)) return [];
    const key = `${of}.volumes`;
    return [...all.entries()]
      .filter(([, one]) => typeof one === "string" && NAMED_VOLUME.test(one))
      .map(([index, got]): Fault => {
        const allowed =
          "with swarm only folders that every node has, such as /srv/files:/files: a volume stays on its node";
        return { key, got: got as string, allowed, mend: removeCommand(memberOf(key, index)) };
      });
  });

const workers = (raw: unknown): Fault[] => {
  const got = at(raw, ["workers"]);
  if (!isMap(got) || Object.keys(got).length === 0) return [];
  const allowed = "none with swarm: workers follow the traffic on one host alone";
  return [{ key: "workers", got, allowed, mend: removeCommand("workers") }];
};

const needed = (raw: unknown): Fault[] => {
  const key = "swarm.edgesNeeded";
  const [got, edges] = [at(raw, ["swarm", "edgesNeeded"]), at(raw, ["swarm", "edges"])];
  if (!Array.isArray(edges) || !(Number(got) > edges.length)) return [];
  const allowed = `a whole number from 1 to ${edges.length}: there are so many edges`;
  return [{ key, got, allowed, mend: setCommand(key, String(edges.length)) }];
};

/** Docker keeps secrets for services alone. */
const secrets = (raw: unknown): Fault[] =>
  ["app", "blue", "green"].flatMap((of): Fault[] => {
    const key = `${of}.secrets`;
    const all = at(raw, [of, "secrets"]);
    if (!isMap(all) || Object.keys(all).length === 0) return [];
    const allowed =
      "only with swarm: on one host Docker keeps no secrets; let the host fill a folder, and mount it: app.volumes /srv/secrets:/run/secrets:ro";
    return [{ key, got: Object.keys(all), allowed, mend: removeCommand(key) }];
  });

/** What goes with several hosts, and what does not. */
export const swarmRules = (raw: Record<string, unknown>): Fault[] =>
  raw["swarm"] === undefined ? secrets(raw) : [...mounts(raw), ...workers(raw), ...needed(raw)];

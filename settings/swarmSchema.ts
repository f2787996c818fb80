import { z } from "zod";
import { about, bool } from "./fields";
import { integer, isMap, listOf, matching, value, withDefault } from "./values";

/** A machine that visitors reach, with holders and proxies of its own. */
export interface EdgeConfig {
  /** A short name, for its containers and for messages. */
  name: string;
  /** Where its Docker is, as in `DOCKER_HOST`. */
  host: string;
  /** Under which name or address it is reached; none for a socket of which config says nothing. */
  address?: string;
}

const ENDPOINT = /^(?:unix:\/\/\/\S+|(?:tcp|ssh):\/\/(?:[^\s/@]+@)?([A-Za-z0-9][\w.-]*)(?::\d{1,5})?(?:\/\S*)?)$/;
const NAME = /^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/;
const ADDRESS = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;
const MOST_EDGES = 50;
/** What names other parts of a stack. */
const TAKEN = ["blue", "green", "lb", "proxy", "release"];

const machineOf = (host: string) => ENDPOINT.exec(host)?.[1]?.toLowerCase();

/** `edge1` for edge1.example.com, `edge-192-0-2-7` for an address. */
const nameOf = (machine: string) =>
  /^[\d.]+$/.test(machine) ? `edge-${machine.replaceAll(".", "-")}` : machine.split(".")[0];

function edge(raw: unknown): EdgeConfig | undefined {
  if (!isMap(raw)) return undefined;
  const { host: rawHost, name: rawName, address: rawAddress, ...rest } = raw;
  const host = matching(ENDPOINT)(rawHost);
  const machine = host && machineOf(host);
  const name = matching(NAME)(rawName ?? (machine && nameOf(machine)));
  const address = matching(ADDRESS)(rawAddress ?? machine);
  if (!host || !name || TAKEN.includes(name) || Object.keys(rest).length > 0) return undefined;
  if (rawAddress !== undefined && address === undefined) return undefined;
  return { name, host, ...(address !== undefined && { address }) };
}

function edges(raw: unknown): EdgeConfig[] | undefined {
  if (!Array.isArray(raw) || raw.length === 0 || raw.length > MOST_EDGES) return undefined;
  const all = raw.map(edge);
  const names = new Set(all.map((one) => one?.name));
  return all.every((one) => one !== undefined) && names.size === all.length ? all : undefined;
}

/** A rule of Swarm's own, such as `node.labels.zone==a`. */
const CONSTRAINT = /^(?:node|engine)\.[\w.-]+\s*[!=]=\s*\S.*$/;

/** Several hosts: Swarm places the replicas, and visitors reach them through the edges. */
export const swarm = z
  .strictObject({
    edges: value(
      {
        ...about(
          "The machines that visitors reach. Replicas run wherever Swarm places them; `docker:host` is a manager.",
          "a list of 1 to 50 maps: host (ssh://…, tcp://… or unix:///…); if you like name (small letters, digits and -, by default the host's; a socket needs one) and address (under which it is reached)",
          "ssh://edge1",
          "none: one host",
        ),
        below: "[0].host",
      },
      edges,
    ),
    edgesNeeded: value(
      about(
        "How many edges must take part in a change; the others follow when they are back.",
        `a whole number from 1 to ${MOST_EDGES}`,
        "1",
        "all",
      ),
      integer(1, MOST_EDGES),
    ).optional(),
    maxReplicasPerNode: value(
      about("How many replicas of one color a node may run.", "a whole number from 1 to 200", "2", "no limit"),
      integer(1, 200),
    ).optional(),
    constraints: value(
      {
        ...about(
          "Where replicas may run, in Swarm's words.",
          "a list of texts such as `node.labels.zone==a` or `node.role!=manager`",
          "'node.role!=manager'",
          "none",
        ),
        below: "[0]",
      },
      listOf(matching(CONSTRAINT)),
    ).default([]),
    encrypted: withDefault(bool("Whether what goes from node to node is encrypted (IPsec).", "false")),
  })
  .optional();

/** What config says of several hosts. */
export type SwarmConfig = NonNullable<z.output<typeof swarm>>;

import fc from "fast-check";
import { count, flag, list, texts, type Values } from "./values";

const edges: Values = {
  right: [
    [{ host: "ssh://edge1" }],
    [{ host: "ssh://deploy@edge1.example.com:2222" }, { host: "tcp://192.0.2.7:2376", address: "192.0.2.7" }],
    [
      { host: "unix:///var/run/docker.sock", name: "here" },
      { host: "ssh://b", name: `a${"-".repeat(18)}b` },
    ],
    Array.from({ length: 50 }, (_, number) => ({ host: `ssh://edge${number}` })),
  ],
  wrong: [
    ...["ssh://edge1", null, {}, [], ["ssh://edge1"], [{}], [{ host: "edge1" }], [{ host: "unix:///run/docker.sock" }]],
    ...[
      [{ host: "ssh://edge1" }, { host: "tcp://edge1" }],
      [{ host: "ssh://e", name: "E" }],
      [{ host: "ssh://e", of: 1 }],
    ],
    ...[[{ host: "ssh://e", name: "blue" }], [{ host: "ssh://e", address: "a b" }], [{ host: "http://e" }]],
    Array.from({ length: 51 }, (_, number) => ({ host: `ssh://edge${number}` })),
  ],
  any: fc
    .uniqueArray(fc.stringMatching(/^edge[a-z0-9]{1,6}$/), { minLength: 1, maxLength: 4 })
    .map((names) => names.map((name) => ({ host: `ssh://${name}` }))),
};

/** What the keys of several hosts may hold. */
export const SWARM: Record<string, Values> = {
  "swarm.edges": edges,
  "swarm.edgesNeeded": count(1, 50),
  "swarm.maxReplicasPerNode": count(1, 200),
  "swarm.constraints": list(
    texts(
      ["node.role!=manager", "node.labels.zone == a", "engine.labels.disk==ssd"],
      ["", "zone==a", "node.role", "node.role=x"],
    ),
    (number) => `node.labels.n${number}==a`,
  ),
  "swarm.encrypted": flag(),
};

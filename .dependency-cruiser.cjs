// Which room may import what. `npm run lint` holds it, and `npm test` begins with that.
const ROOMS = [
  "settings",
  "assets",
  "model",
  "haproxy",
  "plan",
  "explain",
  "docker",
  "examples",
  "host",
  "components",
  "routing",
  "policy",
  "watch",
  "scripts",
  "test",
];
const NODE = { dependencyTypes: ["core"] };
const never = (name, from, to, comment) => ({ name, severity: "error", comment, from: { path: from }, to });

/** A room imports those and itself, of our own code. */
const only = (room, ...allowed) =>
  never(
    `${room.replace(/\W/g, "-")}-imports`,
    `^${room}/`,
    { path: `^(${ROOMS.join("|")})/`, pathNot: `^(${[room, ...allowed].join("|")})/` },
    `${room}: ${allowed.join(", ") || "no other room"}`,
  );

/** A pure room: no package, no node. */
const pure = (room) =>
  never(
    `${room.replace(/\W/g, "-")}-is-pure`,
    `^${room}/`,
    { pathNot: `^(${ROOMS.join("|")})/` },
    `${room}: plain values, no package, no node`,
  );

/** Of settings, the others know the types alone. */
const typesOfSettings = (room) =>
  never(
    `${room.replace(/\W/g, "-")}-takes-types`,
    `^${room}/`,
    { path: "^settings/", dependencyTypesNot: ["type-only"] },
    `${room}: only types of settings`,
  );

module.exports = {
  forbidden: [
    only("settings"),
    only("assets", "settings"),
    only("model", "settings"),
    only("haproxy/config", "model", "settings"),
    only("plan", "model", "haproxy/config", "settings"),
    only("explain", "model", "plan", "haproxy/config", "routing/planner"),
    only("docker", "settings"),
    only("routing/planner", "model"),
    only("routing/executor", "model", "plan", "docker", "routing/planner", "watch"),
    only("routing/edges", "model", "plan", "docker", "routing/executor"),
    only("haproxy/control", "model", "haproxy/config", "plan", "docker", "routing/executor"),
    only("routing", "model", "plan", "explain", "docker", "haproxy", "watch"),
    only("host", "model", "plan", "docker", "settings"),
    only("components", "model", "plan", "haproxy/config"),
    only("watch", "model"),
    only("policy", "model", "settings"),
    only("examples", "components", "plan", "settings"),
    ...["model", "haproxy/config", "plan", "explain", "routing/planner", "watch"].map(pure),
    ...["assets", "model", "haproxy/config", "plan", "docker"].map(typesOfSettings),
    never("settings-no-node", "^settings/", NODE, "settings: no node"),
    never(
      "settings-load-knows-pulumi",
      "^settings/(?!load)",
      { path: "node_modules/@pulumi" },
      "only load.ts knows Pulumi",
    ),
    never("assets-packages", "^assets/", { path: "node_modules/(?!@types/|yaml/)" }, "assets: node and yaml"),
    never("components-no-node", "^components/", NODE, "components: no node"),
    never(
      "components-packages",
      "^components/",
      { path: "node_modules/(?!@pulumi/|@types/)" },
      "components: @pulumi alone",
    ),
    never("docker-no-pulumi", "^docker/", { path: "node_modules/@pulumi" }, "docker: node and dockerode"),
    never("control-no-pulumi", "^haproxy/", { path: "node_modules/@pulumi" }, "haproxy: not Pulumi"),
    never(
      "routing-glue",
      "^routing/(?!index|provider|routingProvider)",
      { path: "node_modules/@pulumi" },
      "only the glue knows Pulumi",
    ),
    never(
      "routing-no-docker-provider",
      "^routing/",
      { path: "node_modules/@pulumi/docker" },
      "routing: not the docker provider",
    ),
    never(
      "host-settings",
      "^host/",
      { path: "^settings/(?!fault\\.)|node_modules/(?!@types/|@pulumi/pulumi/|dockerode/)" },
      "host: how a fault is told, dockerode and Pulumi",
    ),
    never(
      "story",
      "^index\\.ts",
      { path: "^(routing|haproxy/control|policy|scripts|test)/" },
      "index: not how it is done",
    ),
    never("story-no-node", "^index\\.ts", NODE, "index: no node"),
    { name: "no-circles", severity: "error", from: {}, to: { circular: true, dependencyTypesNot: ["type-only"] } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};

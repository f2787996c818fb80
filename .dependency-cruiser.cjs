// Which room may import what. `npm run lint` and a test hold it.
const NODE = { dependencyTypes: ["core"] };
const never = (name, from, to, comment) => ({ name, severity: "error", comment, from: { path: from }, to });

module.exports = {
  forbidden: [
    never(
      "plan-is-pure",
      "^plan/",
      { pathNot: "^(plan/|settings/settings)" },
      "plan: plain values, no package, no node",
    ),
    never(
      "plan-takes-types",
      "^plan/",
      { path: "^settings/", dependencyTypesNot: ["type-only"] },
      "plan: only types of settings",
    ),
    never(
      "settings-alone",
      "^settings/",
      { path: "^(files|host|plan|components|registry|routing|policy|scripts|test)/" },
      "settings: no other room",
    ),
    never("settings-no-node", "^settings/", NODE, "settings: no node"),
    never(
      "settings-load-knows-pulumi",
      "^settings/(?!load)",
      { path: "node_modules/@pulumi" },
      "only load.ts knows Pulumi",
    ),
    never(
      "components-translate",
      "^components/",
      { path: "^(settings|files|host|registry|routing|policy|scripts|test)/" },
      "components: plan and Pulumi",
    ),
    never("components-no-node", "^components/", NODE, "components: no node"),
    never(
      "components-packages",
      "^components/",
      { path: "node_modules/(?!@pulumi/|@types/)" },
      "components: @pulumi alone",
    ),
    never(
      "routing-effects",
      "^routing/",
      { path: "^(components|files|host|registry|settings|policy|scripts|test)/" },
      "routing: plan, node, dockerode",
    ),
    never(
      "routing-no-docker-provider",
      "^routing/",
      { path: "node_modules/@pulumi/docker" },
      "routing: not the docker provider",
    ),
    never(
      "routing-glue",
      "^routing/(?!index|provider|routingProvider)",
      { path: "node_modules/@pulumi" },
      "only the glue knows Pulumi",
    ),
    never(
      "files-reads",
      "^files/",
      { path: "^(plan|components|registry|routing|policy|scripts|test)/|node_modules/(?!@types/|yaml/)" },
      "files: node, yaml, and types of settings",
    ),
    never(
      "files-takes-types",
      "^files/",
      { path: "^settings/", dependencyTypesNot: ["type-only"] },
      "files: only types of settings",
    ),
    never(
      "host-looks",
      "^host/",
      {
        path: "^(files|components|registry|routing/(?!endpoint)|policy|scripts|test)/|^settings/(?!fault\\.)|node_modules/(?!@types/|@pulumi/pulumi/|dockerode/)",
      },
      "host: plan, how a fault is told, the endpoint, dockerode and Pulumi",
    ),
    never(
      "registry-pulls",
      "^registry/",
      { path: "^(plan|components|routing/(?!endpoint)|policy|scripts|test)/|node_modules/@pulumi" },
      "registry: dockerode, the endpoint, and types of settings",
    ),
    never(
      "registry-takes-types",
      "^registry/",
      { path: "^settings/", dependencyTypesNot: ["type-only"] },
      "registry: only types of settings",
    ),
    never(
      "policy-plan",
      "^policy/",
      { path: "^(components|routing|settings|scripts|test)/" },
      "policy: plan and @pulumi/policy",
    ),
    never(
      "story",
      "^index\\.ts",
      { path: "^(routing|policy|scripts|test)/" },
      "index: settings, files, host, plan, registry, components",
    ),
    never("story-no-node", "^index\\.ts", NODE, "index: no node"),
    never(
      "product-without-scripts",
      "^(plan|settings|files|host|components|registry|routing|policy|index)",
      { path: "^(scripts|test)/" },
      "the product needs no script",
    ),
    { name: "no-circles", severity: "error", from: {}, to: { circular: true, dependencyTypesNot: ["type-only"] } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};

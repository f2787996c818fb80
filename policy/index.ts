import * as pulumi from "@pulumi/pulumi";
import {
  PolicyPack,
  type ReportViolation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
} from "@pulumi/policy";
import { levelsFor } from "./levels";
import { RULES } from "./pack";
import type { Rule, Traffic } from "./rule";
import { isReplica, type ContainerProps } from "./rules";

/** The parameters with which each rule ran last, for those that follow it. */
const parametersOf = new Map<string, unknown>();

/** What config says in `freeze.override`; nothing where `freeze` is no map, which the program itself refuses. */
function overrideInConfig(): unknown {
  try {
    return new pulumi.Config().getObject<{ override?: unknown } | null>("freeze")?.override;
  } catch {
    return undefined;
  }
}
const override = overrideInConfig();

/** What a rule says of a resource; nothing of one that it is not about. */
function told(rule: Rule, { type, urn, props }: ResourceValidationArgs, parameters: never): string | undefined {
  const image = type === "docker:index/remoteImage:RemoteImage";
  const container = type === "docker:index/container:Container";
  switch (rule.on) {
    case "image":
      return image ? rule.check(String(props["name"])) : undefined;
    case "replicaImage":
      return image && urn.includes("bluegreen:index:WebService$") ? rule.check(String(props["name"])) : undefined;
    case "replica":
      return container && isReplica(props) ? rule.check(props as ContainerProps, parameters) : undefined;
    case "holder":
      return container && !isReplica(props) ? rule.check(props as ContainerProps, parameters) : undefined;
    case "traffic":
      if (type !== "bluegreen:index:Routing" || !props["change"]) return undefined;
      return rule.check(props as Traffic, parameters, {
        preview: pulumi.runtime.isDryRun(),
        now: new Date(),
        override,
      });
  }
}

function validate(rule: Rule, args: ResourceValidationArgs, report: ReportViolation): void {
  if (!rule.follows) parametersOf.set(rule.name, args.getConfig());
  const parameters = parametersOf.get(rule.follows ?? rule.name);
  if (parameters === undefined) return;
  const fault = told(rule, args, parameters as never);
  if (fault) report(args.type.startsWith("docker:index/container") ? `${args.name} ${fault}` : fault);
}

const policyOf = (rule: Rule): ResourceValidationPolicy => ({
  ...{ name: rule.name, description: rule.description, enforcementLevel: "mandatory" },
  ...(rule.parameters && { configSchema: { properties: rule.parameters } }),
  validateResource: (args, report) => validate(rule, args, report),
});

try {
  new PolicyPack("blue-green", { policies: RULES.map(policyOf) }, levelsFor(pulumi.getStack()));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

import * as pulumi from "@pulumi/pulumi";

/**
 * The names of the containers that this stack has by its state, as it was before this update; nothing where that cannot
 * be read. A container of an earlier version does not say itself whose it is, and a stack may have been renamed.
 */
export async function ownContainers(): Promise<ReadonlySet<string> | undefined> {
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  try {
    const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
      outputs: Record<string, { type?: string; outputs?: { name?: unknown } }>;
    };
    const containers = Object.values(outputs).filter(({ type }) => type === "docker:index/container:Container");
    return new Set(containers.map((one) => String(one.outputs?.name)));
  } catch {
    return undefined;
  }
}

import * as pulumi from "@pulumi/pulumi";

/** What this stack's resources are by its state, as it was before this update; nothing where that cannot be read. */
async function ownResources(): Promise<{ type?: string; outputs?: Record<string, unknown> }[] | undefined> {
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  try {
    const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
      outputs: Record<string, { type?: string; outputs?: Record<string, unknown> }>;
    };
    return Object.values(outputs);
  } catch {
    return undefined;
  }
}

/**
 * The names of the containers that this stack has by its state, as it was before this update; nothing where that cannot
 * be read. A container of an earlier version does not say itself whose it is, and a stack may have been renamed.
 */
export async function ownContainers(): Promise<ReadonlySet<string> | undefined> {
  const containers = (await ownResources())?.filter(({ type }) => type === "docker:index/container:Container");
  return containers && new Set(containers.map((one) => String(one.outputs?.["name"])));
}

/** The ids of the images that this stack's replicas run by its state, by their names; none where that cannot be read. */
export async function ownImages(): Promise<ReadonlyMap<string, string>> {
  const images = ((await ownResources()) ?? []).filter(({ type }) => type === "docker:index/remoteImage:RemoteImage");
  return new Map(images.map(({ outputs }) => [String(outputs?.["name"]), String(outputs?.["imageId"])]));
}

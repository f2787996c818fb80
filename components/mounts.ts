import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { VolumePlan } from "../plan/volumes";

/** What a container mounts. @param own the names in Docker of the stack's own volumes, by their names in config */
export const volumeArgs = (
  { source, containerPath, readOnly }: VolumePlan,
  own: Record<string, pulumi.Input<string>> = {},
): docker.types.input.ContainerVolume => ({
  ...("own" in source ? { volumeName: own[source.own]! } : source),
  ...{ containerPath, readOnly },
});

/** The same as Docker's API takes it. */
export const bindOf = ({ volumeName, hostPath, containerPath, readOnly }: docker.types.input.ContainerVolume) =>
  pulumi.interpolate`${volumeName ?? hostPath!}:${containerPath!}${readOnly ? ":ro" : ""}`;

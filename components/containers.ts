import { STACK_LABEL } from "../model/labels";
import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";

/** How many files and sockets may be open. */
export const openFiles = (count: number): docker.types.input.ContainerUlimit[] => [
  { name: "nofile", soft: count, hard: count },
];

/** A container's labels, the stack's among them, so that `docker ps` of a host with several can be read. */
export const labels = (
  stack: string,
  others: Record<string, pulumi.Input<string>> = {},
): docker.types.input.ContainerLabel[] =>
  Object.entries({ ...others, [STACK_LABEL]: stack }).map(([label, value]) => ({ label, value }));

/** Another label would replace a container, and that of an earlier version has fewer: they stay as they were made. */
export const KEEP_LABELS = ["labels"];

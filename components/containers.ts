import type * as docker from "@pulumi/docker";

/** No process may gain a right that it was not started with. */
export const NO_NEW_PRIVILEGES = ["no-new-privileges:true"];

/** So many files and sockets may be open. */
export const openFiles = (count: number): docker.types.input.ContainerUlimit[] => [
  { name: "nofile", soft: count, hard: count },
];

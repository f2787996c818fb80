import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ServicePlan } from "../plan/plan";
import { digestOf } from "../plan/normalize";

/** Gets an image onto Docker. @param told hears how it goes, in lines that each take the place of the one before */
export type Pull = (image: string, told: (line: string) => void) => Promise<void>;

/**
 * An image that is on its Docker, and stays there.
 *
 * @param get gets it there before it is used, if that is for us to do: its name, and what does it
 */
export function imageOnDocker(
  name: string,
  image: pulumi.Input<string>,
  get: [hook: string, action: (made: docker.RemoteImage) => Promise<void>] | undefined,
  parent: pulumi.Resource,
): docker.RemoteImage {
  const hooks = get && { beforeCreate: [new pulumi.ResourceHook(`${name}-${get[0]}`, () => get[1](made))] };
  const made: docker.RemoteImage = new docker.RemoteImage(
    name,
    { name: image, keepLocally: true },
    { parent, ...(hooks && { hooks }) },
  );
  return made;
}

/** A color's image, and its digest in the registry; none for one that was built on this Docker. */
export function colorImage({ name, image }: ServicePlan, pull: Pull | undefined, parent: pulumi.Resource) {
  const told = (row: docker.RemoteImage) => (line: string) => void pulumi.log.info(line, row, undefined, true);
  const made = imageOnDocker(name, image, pull && ["pull", (row) => pull(image, told(row))], parent);
  return { image: made.imageId, digest: made.repoDigest.apply((digest) => digestOf(image, digest)) };
}

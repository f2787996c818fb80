import type Docker from "dockerode";
import { withTimeout, ifThere } from "./call";

/** The image of the load balancer is some 200 MB. How long it may take from one Docker to another, in milliseconds. */
const PATIENCE = 600_000;

/**
 * Brings an image from one Docker to another, by way of this machine; one that is there already is taken as it is.
 *
 * @throws Error that names the image if it cannot be had, or not be taken
 */
export async function copyImage(from: Docker, to: Docker, image: string): Promise<void> {
  if (await ifThere(withTimeout(to, to.getImage(image).inspect()))) return;
  try {
    const stream = await withTimeout(from, from.getImage(image).get());
    const loaded = await withTimeout(to, to.loadImage(stream), PATIENCE, `loading ${image}`);
    await withTimeout(to, endOf(to, loaded), PATIENCE, `loading ${image}`);
  } catch (error) {
    throw new Error(`${image} could not be copied: ${(error as Error).message}`, { cause: error });
  }
}

/** Docker tells a fault in its stream. */
const endOf = (docker: Docker, stream: NodeJS.ReadableStream) =>
  new Promise<void>((resolve, reject) =>
    docker.modem.followProgress(stream, (error, lines: { error?: string }[] = []) => {
      const fault = error?.message ?? lines.find((line) => line.error)?.error;
      if (fault) reject(new Error(fault));
      else resolve();
    }),
  );

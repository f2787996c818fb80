import type Dockerode from "dockerode";

/** One line of what the daemon says while it builds, pulls or imports. */
export interface Progress {
  stream?: string;
  status?: string;
  id?: string;
}

/** What the daemon knows of an image; nothing if it has none of this name. */
export async function inspectImage(docker: Dockerode, name: string): Promise<Dockerode.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(name).inspect();
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

/** Waits for the end of a stream of progress. Rejects with the error that the daemon tells in it. */
export function follow(docker: Dockerode, stream: NodeJS.ReadableStream, on: (line: Progress) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null) => (error ? reject(error) : resolve());
    docker.modem.followProgress(stream, done, on);
  });
}

/** What went wrong, in the daemon's own words: without what the client puts before them. */
export function faultOf(error: unknown): string {
  return (error as Error).message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
}

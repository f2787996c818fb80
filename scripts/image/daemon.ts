import type Dockerode from "dockerode";

/** One line of what the daemon says while it builds, pulls or imports. */
export interface Progress {
  stream?: string;
  status?: string;
  id?: string;
  /** The id of what was built. */
  aux?: { ID?: string };
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

/** Reads a stream of progress to its end. Rejects with the error that the daemon tells in it, or if it breaks off. */
export async function follow(stream: NodeJS.ReadableStream, on: (line: Progress) => void): Promise<void> {
  let rest = "";
  const read = (line: string) => {
    if (!line.trim()) return;
    const told = JSON.parse(line) as Progress & { error?: string };
    if (told.error !== undefined) throw new DaemonError(told.error);
    on(told);
  };
  for await (const piece of stream) {
    const lines = `${rest}${piece.toString()}`.split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(read);
  }
  read(rest);
}

/** What the daemon said in the middle of its work. */
export class DaemonError extends Error {}

/** What went wrong, in the daemon's own words: without what the client puts before them. */
export function faultOf(error: unknown): string {
  return (error as Error).message.replace(/^\(HTTP code \d+\) [^-]*- /, "").trim();
}

import type Docker from "dockerode";
import { connect, dockerHost } from "./connect";
import type { Registry } from "../settings/registry";
import { pullError } from "./pullError";

/** What Docker says while it pulls. */
interface Progress {
  error?: string;
  /** The layer that the line is about. */
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
}

/** How long a pull may show no progress, in milliseconds. However long it takes in all, a slow line is no fault. */
const PATIENCE = 300_000;

/** A client for the Docker that the stack names, or that of `DOCKER_HOST`, or the local one; made when it is needed. */
export const dockerAt = (host?: string) => () => connect(dockerHost(host));

/**
 * How a color's images come to the Docker that the stack names, or that of `DOCKER_HOST` or the local socket. One that is there already is taken as
 * it is, without asking its registry: so a switch and the way back need none.
 *
 * It runs before the Docker provider looks for the image, which therefore finds it. So the login is in no resource and
 * not in the state, another password changes nothing, and what goes wrong is told in one sentence.
 *
 * @param patience how long a pull may show no progress before it is given up, in milliseconds; five minutes if left out
 * @example
 * const pull = pullFrom({ host: "registry.example.com", user: "deploy", password }, dockerAt());
 * await pull("registry.example.com/shop:v2");
 */
export const pullFrom =
  (registry: Registry, client: () => Docker, patience = PATIENCE) =>
  async (image: string, told: (line: string) => void = () => undefined): Promise<void> => {
    const docker = client();
    if (await isHere(docker, image)) return;
    try {
      await pull(docker, image, registry, { told, patience });
    } catch (error) {
      throw new Error(pullError(image, registry, (error as Error).message), { cause: error });
    }
  };

async function isHere(docker: Docker, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch {
    return false; // whatever else is wrong with Docker, pulling tells
  }
}

/** Ends a wait in which nothing happens. */
class Idle {
  private timer: NodeJS.Timeout | undefined;
  private giveUp!: (error: Error) => void;
  /** Fails once nothing has happened for too long. */
  readonly over = new Promise<never>((_, reject) => (this.giveUp = reject));

  constructor(private readonly patience: number) {
    this.over.catch(() => undefined);
    this.heard();
  }

  /** Something happened. */
  heard(): void {
    clearTimeout(this.timer);
    const late = new Error(`time-out: no progress for ${this.patience / 1_000} s`);
    this.timer = setTimeout(() => this.giveUp(late), this.patience);
  }

  end = (): void => clearTimeout(this.timer);
}

async function pull(
  docker: Docker,
  image: string,
  { user, password }: Registry,
  { told, patience }: { told: (line: string) => void; patience: number },
): Promise<void> {
  const authconfig = user === undefined ? undefined : { username: user, password };
  const idle = new Idle(patience);
  let stream: NodeJS.ReadableStream | undefined;
  try {
    stream = await Promise.race([docker.pull(image, { authconfig }), idle.over]);
    const layers = new Layers();
    const lines = new Promise<Progress[]>((resolve, reject) =>
      docker.modem.followProgress(
        stream!,
        (error, all: Progress[]) => (error ? reject(error) : resolve(all)),
        (line: Progress) => (idle.heard(), told(layers.after(line))),
      ),
    );
    const fault = (await Promise.race([lines, idle.over])).find(({ error }) => error !== undefined);
    if (fault) throw new Error(fault.error);
  } finally {
    idle.end();
    (stream as { destroy?: () => void } | undefined)?.destroy?.();
  }
}

/** How far the layers of an image have come. */
class Layers {
  private readonly sizes = new Map<string, { current: number; total: number }>();

  /** What to say after a line of Docker's. */
  after({ id, status, progressDetail: { current = 0, total = 0 } = {} }: Progress): string {
    if (id && status === "Downloading") this.sizes.set(id, { current, total });
    const known = this.sizes.get(id ?? "");
    if (known && status === "Download complete") known.current = known.total;
    const sum = (part: "current" | "total") => [...this.sizes.values()].reduce((all, one) => all + one[part], 0);
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
    return this.sizes.size === 0 ? "pulling" : `pulling: ${megabytes(sum("current"))} of ${megabytes(sum("total"))} MB`;
  }
}

import type Docker from "dockerode";
import { endContainer, startContainer, type FoundContainer } from "../../docker/containers";
import { WORKER_LABEL } from "../../model/labels";
import type { WorkerContainer } from "../../model/workers";

/** Whether a container with the load balancer's label is not a proxy, but one of the application's workers. */
export const isWorker = ({ labels }: FoundContainer): boolean => labels?.[WORKER_LABEL] !== undefined;

/** The containers of the application's workers. Nothing of HAProxy is asked for them. */
export class WorkerContainers {
  /** Those that were told to end here, with the promise of their end: Docker itself does not tell it of a container. */
  private readonly ending = new Map<string, Promise<void>>();

  constructor(private readonly docker: Docker) {}

  /** How those among these fare. */
  among(found: readonly FoundContainer[]): WorkerContainer[] {
    return found.filter(isWorker).map(({ name, running, restarting, status }) => {
      const state = this.ending.has(name) ? "stopping" : running || restarting ? "runs" : "ended";
      return { name, state, status };
    });
  }

  stop(name: string): Promise<void> {
    const ending =
      this.ending.get(name) ??
      endContainer(this.docker, name)
        .catch((error: Error) => Promise.reject(new Error(`${name} could not be stopped: ${error.message}`)))
        .finally(() => this.ending.delete(name));
    this.ending.set(name, ending);
    return ending;
  }

  async start(name: string): Promise<void> {
    try {
      await startContainer(this.docker, name);
    } catch (error) {
      const { statusCode, message } = error as { statusCode?: number; message: string };
      throw new Error(
        statusCode === 404 && /no such container/i.test(message)
          ? `${name} does not exist: pulumi up --refresh creates it again`
          : `${name} could not be started: ${message.trim()}; its command stands in the config key workers`,
        { cause: error },
      );
    }
  }
}

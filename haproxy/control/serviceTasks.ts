import type Docker from "dockerode";
import { ifThere, withTimeout } from "../../docker/call";
import { LINES, readable } from "../../docker/containerReport";
import { linesOf, type ContainerState } from "../../docker/containers";
import { numberOf, serviceOf } from "../config/tasks";

/** A task of a service, as far as it is looked at here. */
interface Task {
  ID: string;
  Slot?: number;
  CreatedAt: string;
  Spec?: { ContainerSpec?: { Env?: string[] } };
  Status: { State: string; Err?: string; Message?: string; ContainerStatus?: { ExitCode?: number } };
}

/** The states of a task before its container runs, in which Swarm says what it waits for. */
const COMING = ["new", "pending", "allocated", "assigned", "accepted", "preparing", "ready", "starting"];

/** The replicas of a swarm's services, by the names `<service>.<number>`. A manager is asked. */
export class ServiceTasks {
  constructor(private readonly manager: Docker) {}

  /** The tasks of one replica, the newest first; Swarm keeps the last few. */
  private async tasksOf(name: string): Promise<Task[]> {
    const number = numberOf(name);
    if (number === undefined) return [];
    const filters = JSON.stringify({ service: [serviceOf(name)] });
    const listed: Promise<Task[]> = this.manager.listTasks({ filters }) as Promise<Task[]>;
    const all = (await ifThere(withTimeout(this.manager, listed))) ?? [];
    return all
      .filter(({ Slot }) => Slot === Number(number))
      .sort((one, other) => other.CreatedAt.localeCompare(one.CreatedAt));
  }

  /** How a replica fares: a task that failed is one that Swarm starts again; nothing if there is none of that name. */
  async stateOf(name: string): Promise<ContainerState | undefined> {
    const [newest, ...earlier] = await this.tasksOf(name);
    if (!newest) return undefined;
    const { State, Err = "", Message = "" } = newest.Status;
    const failed = [newest, ...earlier].find(({ Status }) => Status.Err || Status.ContainerStatus?.ExitCode);
    const waits = COMING.includes(State);
    return {
      status: State === "running" ? "running" : waits ? `${State} (${Err || Message})` : "restarting",
      exitCode: State === "running" ? 0 : (failed?.Status.ContainerStatus?.ExitCode ?? 0),
      outOfMemory: false,
      error: Err || (waits ? (failed?.Status.Err ?? "") : ""),
      restarts: earlier.length,
      environment: newest.Spec?.ContainerSpec?.Env ?? [],
    };
  }

  /** How often Swarm has started it again, as far back as it remembers; nothing if there is none of that name. */
  async restartsOf(name: string): Promise<number | undefined> {
    const tasks = await this.tasksOf(name);
    return tasks.length > 0 ? tasks.length - 1 : undefined;
  }

  /** The last lines that a replica wrote, without what its environment holds. */
  async lastLinesOf(name: string, environment: readonly string[]): Promise<string[]> {
    const [newest, ...earlier] = await this.tasksOf(name);
    const ran = newest && !COMING.includes(newest.Status.State) ? newest : earlier[0];
    if (!ran) return [];
    const task = this.manager.getTask(ran.ID) as unknown as { logs: (options: object) => Promise<Buffer> };
    const asked = task.logs({ stdout: true, stderr: true, tail: LINES, follow: false });
    return readable(await withTimeout(this.manager, asked.then(linesOf)).catch(() => ""), environment);
  }
}

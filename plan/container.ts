import type { LogOptions } from "./normalize";

/** What a container of a color gets, whether it serves or runs a release command; in the units that Docker's API takes. */
export interface ContainerPlan {
  /** `NAME=text`, sorted, so that the order in which they were written makes no difference. */
  envs: string[];
  entrypoint?: string[];
  user?: string;
  /** Megabytes. */
  memory: number;
  /** How many files and sockets it may have open. */
  openFiles: number;
  cpus?: string;
  readOnly: boolean;
  noNewPrivileges: boolean;
  /** With their `CAP_`, as the daemon tells them back. */
  capDrop: string[];
  /** Seconds. */
  stopTimeout: number;
  log: LogOptions;
}

import type Docker from "dockerode";

/** What is measured: a load balancer that stands before the lab's replicas. */
export interface Subject {
  /** What it is called in tables and plots. */
  name: string;
  /** Where the load goes. */
  url: string;
  /** The containers whose CPU time and memory count. */
  containers: Docker.Container[];
  /** All containers that belong to it. */
  all: Docker.Container[];
  /** Moves all traffic to a color in its own way, and resolves when its own command says that it is done. */
  switchTo?: (color: "blue" | "green") => Promise<void>;
  /** How that is done, for the page. */
  way?: string;
}

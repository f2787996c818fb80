/** What an update does to the load balancer, in its order. */
export interface StepLine {
  text: string;
  /** The longest that it may take, in milliseconds; without it the step waits for nothing. */
  atMost?: number;
  /** The config key that says so. */
  key?: "gate.timeout" | "gate.commandTimeout" | "drain.timeout" | "hooks.timeout" | "release.timeout";
}

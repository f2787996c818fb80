import type Docker from "dockerode";
import { until } from "./stack";

/**
 * Waits until a Docker answers.
 *
 * @param mayStill throws once it will not any more
 */
export const answering = (client: () => Docker, mayStill: () => void): Promise<void> =>
  until(async () => {
    mayStill();
    return client()
      .ping()
      .then(
        () => true,
        () => false,
      );
  }, 120_000);

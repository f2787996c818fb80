import type Docker from "dockerode";
import { endpointNameOf } from "./connect";

/** No call to Docker that this folder makes should take longer, in milliseconds. */
export const CALL_TIMEOUT = 60_000;

/** What took longer than it may. */
export class TimeoutError extends Error {}

/** A call to Docker, which must end in time. @throws TimeoutError if it does not */
export async function withTimeout<T>(
  docker: Docker,
  call: Promise<T>,
  timeout = CALL_TIMEOUT,
  what = "Docker",
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(`${what} did not answer within ${timeout / 1_000} s`)), timeout);
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    throw reached(docker, error as NodeJS.ErrnoException);
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that failed as a sentence; any other error as it is. */
function reached(docker: Docker, error: NodeJS.ErrnoException): Error {
  if (error.code === undefined) return error;
  const where = `Docker does not answer at ${endpointNameOf(docker)} (${error.code})`;
  return new Error(`${where}: start it, or correct DOCKER_HOST`);
}

/** A call to Docker for which some answers are as good as having done nothing. */
export const passing = <T>(call: Promise<T>, ...codes: number[]): Promise<T | undefined> =>
  call.catch((error: Error & { statusCode?: number }) =>
    codes.includes(error.statusCode ?? 0) ? undefined : Promise.reject(error),
  );

/** A call about something that may have gone. */
export const ifThere = <T>(call: Promise<T>): Promise<T | undefined> => passing(call, 404);

import { setTimeout as delay } from "node:timers/promises";
import { SEPARATOR } from "./answers";

/** An answer that did not come to its end. */
export class TruncatedResponse extends Error {}

/** @throws TruncatedResponse if there are no more answers than `count`: the last one is what stands behind the last separator */
export function mustBeComplete(answers: readonly string[], count: number, proxy: string): void {
  if (answers.length <= count) throw new TruncatedResponse(`the answer of ${proxy} was cut off; run pulumi up again`);
}

/**
 * The parts of an answer, each of which ends with a separator. A connection that was cut may look like the end of an
 * answer, and half an answer must not be acted upon.
 *
 * @throws TruncatedResponse if there are fewer than `count`
 */
export function completeAnswers(out: string, count: number, proxy: string): string[] {
  const answers = out.split(SEPARATOR);
  mustBeComplete(answers, count, proxy);
  return answers;
}

/** A question whose answer was cut off is asked so often, */
const MOST_TRIES = 4;
/** with this pause, in milliseconds: a container that cannot start is between two starts then. */
const PAUSE = 300;

/** Asks again where an answer was cut off. */
export async function retry<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TruncatedResponse) || tries === MOST_TRIES) throw error;
      await delay(PAUSE);
    }
  }
}

/** Whether what failed may go well in a moment: the container has ended, or is started again just now. */
export const isTransient = (error: unknown) => isNotRunning(error) || error instanceof TruncatedResponse;

/** What Docker says, with 500, of a container that stopped between the making of a command in it and its start. */
const STOPPED_MEANWHILE = /is not running|in a stopped (?:container|state)/;

/**
 * Docker answers 409 for a container that stops or restarts just now, 404 for one that was removed, and 500 where it
 * stopped while it was asked.
 */
export const isNotRunning = (error: unknown): boolean => {
  const { statusCode, message = "" } = error as { statusCode?: number; message?: string };
  return statusCode === 404 || statusCode === 409 || (statusCode === 500 && STOPPED_MEANWHILE.test(message));
};

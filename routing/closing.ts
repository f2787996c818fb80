import type { Proxy } from "./proxy";

/** Sessions that are still open at the deadline are closed in so many parts… */
const CLOSING_BATCHES = 20;
/** …with this pause between them, in milliseconds. */
const CLOSING_PAUSE = 100;

/** A server as HAProxy's lists name it. */
export interface ServerPath {
  backend: string;
  server: string;
}

/** Ends the sessions of one worker with these servers, a few at a time. */
export async function closeSessions(proxy: Proxy, pid: number, servers: readonly ServerPath[]): Promise<void> {
  const sessions = await proxy.sessions(pid, servers);
  const batch = Math.ceil(sessions.length / CLOSING_BATCHES);
  for (let from = 0; from < sessions.length; from += batch) {
    const ids = sessions.slice(from, from + batch);
    await proxy.command(
      [pid],
      ids.map((id) => `shutdown session ${id}`),
    );
    await new Promise((resolve) => setTimeout(resolve, CLOSING_PAUSE));
  }
}

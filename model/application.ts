/** What HAProxy must know of a version of the application: where its replicas listen, and how they are checked. */
export interface Application {
  port: number;
  health: {
    /** Asked by GET; 2xx and 3xx mean healthy. */
    path: string;
    /** The request's Host. */
    host: string;
    /** Further headers of the request. */
    headers: Readonly<Record<string, string>>;
    /** Milliseconds between two checks. */
    interval: number;
    /** How long an answer may take, in milliseconds. */
    timeout: number;
  };
}

/** The same for two applications if nothing differs between them, in whatever order their parts stand. */
export const applicationKey = ({ port, health: { path, host, headers, interval, timeout } }: Application): string =>
  JSON.stringify({
    port,
    health: { path, host, headers: Object.fromEntries(Object.entries(headers).sort()), interval, timeout },
  });

const timeOf = (line: string): string => /^\{"time": ?"([^"]*)"/.exec(line)?.[1] ?? "";

/** The last lines of several logs in the order of their times, which all are written in the same way. */
export function merged(lines: readonly string[], count: number): string[] {
  const requests = lines.filter((line) => line.startsWith("{")).map((line) => ({ line, time: timeOf(line) }));
  requests.sort((one, next) => (one.time < next.time ? -1 : Number(one.time > next.time)));
  return requests.slice(Math.max(0, requests.length - count)).map(({ line }) => line);
}

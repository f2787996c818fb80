/** How far a Go build is. Counts of modules and packages; `total` is the number of packages that must be compiled. */
export interface Progress {
  downloaded: number;
  compiled: number;
  total: number;
}

/** What one line of Go's error output adds to the progress. Go tells of downloads in words and of packages by path. */
export function advance(progress: Progress, line: string): Progress {
  if (line.startsWith("go: downloading ")) return { ...progress, downloaded: progress.downloaded + 1 };
  if (/^[\w.~-]+(\/[\w.~+-]+)*$/.test(line)) return { ...progress, compiled: progress.compiled + 1 };
  return progress;
}

/** One line for the user. `seconds` is how long the part has been worked on. */
export function describe(part: string, { downloaded, compiled, total }: Progress, seconds: number): string {
  const time = `${Math.round(seconds)} s`;
  if (total === 0)
    return `${part}: ${downloaded > 0 ? `downloading Go modules, ${downloaded}` : "reading Go modules"} (${time})`;
  // The last package is the program itself.
  if (compiled >= total - 1) return `${part}: linking (${time})`;
  return `${part}: compiling ${compiled}/${total} packages (${time})`;
}

/** A Go version as numbers, from text like `go version go1.26.8 linux/amd64`; undefined if there is none in it. */
export function goVersion(text: string): [number, number] | undefined {
  const found = /\bgo(\d+)\.(\d+)/.exec(text);
  return found ? [Number(found[1]), Number(found[2])] : undefined;
}

/** Whether `version` is the same as `least`, or newer. */
export function isAtLeast(version: [number, number], least: [number, number]): boolean {
  return version[0] > least[0] || (version[0] === least[0] && version[1] >= least[1]);
}

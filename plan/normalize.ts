// Values as Docker and its provider tell them back: written otherwise, each would be a difference at every update, for
// which the container is replaced.

/** A capability, with its `CAP_`; ALL has none. */
export function capability(name: string): string {
  const bare = name.replace(/^CAP_/, "");
  return bare === "ALL" ? bare : `CAP_${bare}`;
}

/**
 * Whether a process may gain rights that it was not started with, as a security option. It is said in either case: left out, the
 * provider would keep what the container has, and a daemon's own default would hold.
 */
export const privilegesOf = (noNewPrivileges: boolean): string[] => [`no-new-privileges:${noNewPrivileges}`];

/** The json-file driver's options. */
export type LogOptions = {
  "max-size": string;
  "max-file": string;
};

/** How long logs may grow, in the driver's own words. @param maxSize in bytes */
export const logOptions = ({ maxSize, maxFiles }: { maxSize: number; maxFiles: number }): LogOptions => ({
  "max-size": `${Math.ceil(maxSize / 1024)}k`,
  "max-file": String(maxFiles),
});

/** A number of processors: `0.5` for 0.50, `1.0` for 1, and, oddly, `10.` for 10. */
export function cpusText(text: string): string {
  const cpus = Number(text);
  if (!Number.isInteger(cpus)) return String(cpus);
  return `${cpus}.${String(cpus).includes("0") ? "" : "0"}`;
}

/**
 * The digest to pin an image by, `sha256:…`, from what Docker says of it; none for an image that was built there.
 * Docker knows an image by one id whatever its repositories, and may tell another one's digest.
 */
export function digestOf(image: string, repoDigest = ""): string | undefined {
  const [repository = "", digest] = repoDigest.split("@");
  return image.replace(/^docker\.io\/(?:library\/)?/, "").startsWith(`${repository}:`) ? digest : undefined;
}

import { fingerprint } from "./context";

/** What a base image came from: a registry, or Debian's packages. */
export type Origin = "registry" | "debian";

/** One folder of `images/`, the base it builds on, and the images made from it. */
export interface Recipe {
  folder: string;
  /** Two ways to the same base: an official image, or the Debian packages that do for it. */
  base: { official: string; packages: string[] };
  images: { name: string; args: Record<string, string> }[];
}

/** Where the bases of one run come from. */
export interface Supply {
  /** Whether bases are taken anew that are there already. */
  fresh: boolean;
  /** Why no base could be pulled: one registry's silence is not waited for three times. */
  fault?: string;
  /** What the user has to know in the end. */
  notes: string[];
}

/** The release of Debian whose packages are used. */
export const suite = "trixie";
/** Its suites: the release, with what was mended since, and the fixes of security. */
export const suites = { archive: [suite, `${suite}-updates`], security: `${suite}-security` };

const versions = ["v1", "v2", "v2.1", "v3", "v4", "broken"];

/** All images of the project. */
export const recipes: Recipe[] = [
  {
    folder: "holder",
    base: { official: "debian:trixie-slim", packages: ["s6", "perl-base", "dash", "coreutils"] },
    images: [{ name: "bluegreen-holder:1", args: {} }],
  },
  {
    folder: "proxy",
    base: {
      official: "haproxy:3.0",
      packages: ["haproxy", "s6", "execline", "socat", "perl-base", "dash", "coreutils"],
    },
    images: [{ name: "bluegreen-proxy:1", args: {} }],
  },
  {
    folder: "demo",
    base: { official: "node:22-slim", packages: ["nodejs", "dash"] },
    images: versions.map((version) => ({ name: `bluegreen-demo:${version}`, args: { VERSION: version } })),
  },
];

/** The name of a base made from Debian's packages: another list of packages has another name. */
export function debianTag({ folder, base }: Recipe): string {
  return `bluegreen-base-${folder}:${suite}-${fingerprint([...suites.archive, suites.security, ...base.packages]).slice(0, 12)}`;
}

/** The label of an image that is up to date, by what its base came from. `context` is the hash of its folder. */
export function expectedLabels(recipe: Recipe, context: string, args: Record<string, string>): Record<Origin, string> {
  const label = (base: string) => fingerprint([context, JSON.stringify(args), base]);
  return { registry: label(recipe.base.official), debian: label(debianTag(recipe)) };
}

/** What the base of an image with this label came from; nothing if the image is out of date. */
export function originOf(label: string | undefined, expected: Record<Origin, string>): Origin | undefined {
  if (label === expected.registry) return "registry";
  return label === expected.debian ? "debian" : undefined;
}

import type { CheckedConfig } from "./schema";

/** Where an image comes from, and the login there if one is set. */
export interface Registry {
  /** Host and port; `docker.io` for an image without. */
  host: string;
  user?: string;
  password?: string;
}

/** The registry of a repository, as Docker reads it: what stands before the first slash, if that looks like a host. */
function hostOf(repository: string): string {
  const [first = "", ...path] = repository.split("/");
  return path.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}

/** A color's registry. The stack's login goes to the registry of the stack's `image` and to no other. */
export function registryOf({ image, registry }: CheckedConfig, own: CheckedConfig["blue"]): Registry {
  const host = hostOf(own.image ?? image);
  return { host, ...(own.registry ?? (host === hostOf(image) ? registry : undefined)) };
}

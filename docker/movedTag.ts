import type Docker from "dockerode";
import type { Registry } from "../settings/registry";
import { pullError } from "./pullError";

/** A tag by which its registry means another image than this Docker. */
export interface MovedTag {
  /** The digest of the image that Docker has under the tag, `sha256:…`. */
  here: string;
  /** The digest of the one in the registry. */
  there: string;
}

/** How long a registry is waited for, in milliseconds: its word is a help, and no update waits for one that is away. */
const PATIENCE = 3_000;

const bare = (repository: string) => repository.replace(/^docker\.io\//, "").replace(/^library\//, "");

/**
 * The digests by which the repository of an image has what is on this Docker under a name or an id: none where that was built here;
 * undefined where there is no such image.
 */
async function digestsHere(docker: Docker, image: string, name = image): Promise<string[] | undefined> {
  const repository = bare(image.replace(/:[^:/]*$/, ""));
  const found = await docker
    .getImage(name)
    .inspect()
    .catch(() => undefined);
  return (
    found &&
    (found.RepoDigests ?? [])
      .map((one) => one.split("@"))
      .flatMap(([of = "", digest]) => (bare(of) === repository && digest ? [digest] : []))
  );
}

/** Asks a registry, through Docker, which image it means. The client's own call for this cannot be broken off. */
const digestThere = (docker: Docker, image: string, { user, password }: Registry, abortSignal: AbortSignal) =>
  new Promise<string | undefined>((resolve, reject) => {
    const authconfig = user === undefined ? undefined : { username: user, password };
    const question = {
      ...{ path: `/distribution/${image}/json`, method: "GET", statusCodes: { 200: true }, authconfig, abortSignal },
    };
    const answered = (error: Error | null, data: unknown) =>
      error ? reject(error) : resolve((data as { Descriptor?: { digest?: string } }).Descriptor?.digest);
    docker.modem.dial(question, answered);
  });

/** The id of the image that runs under a name, where it is known. */
export type Runs = (image: string) => Promise<string | undefined>;

/**
 * Whether a tag has moved in its registry since the image that runs was pulled by it, or, where none runs under that name, the one that Docker has. No layer is pulled for it: Docker asks the registry for
 * the digest and the image's own config, with the login that a pull has. One that does not answer, or does not know the image, is as if none had moved; so is a tag
 * that is pinned by its digest, and an image that Docker does not have, or built by itself.
 *
 * @param patience how long the registry is waited for, in milliseconds; three seconds if left out
 */
export const movedTagIn =
  (registry: Registry, client: () => Docker, patience = PATIENCE) =>
  async (image: string, runs: Runs = async () => undefined): Promise<MovedTag | undefined> => {
    if (image.includes("@")) return undefined;
    try {
      const docker = client();
      const tagged = await digestsHere(docker, image);
      if (tagged?.length === 0) return undefined; // built here: no registry has a say
      const id = await runs(image);
      const [here, ...others] = (id ? await digestsHere(docker, image, id) : tagged) ?? [];
      const there = here && (await digestThere(docker, image, registry, AbortSignal.timeout(patience)));
      return here && there && ![here, ...others].includes(there) ? { here, there } : undefined;
    } catch {
      return undefined; // whatever is wrong, a pull tells
    }
  };

/** How long somebody waits who asks for a digest and nothing else, in milliseconds. */
const ASKED_PATIENCE = 15_000;

/**
 * The digest, `sha256:…`, of the image that a registry has under a tag.
 *
 * @throws Error with a sentence for whoever can mend it if the registry does not tell
 */
export const digestIn =
  (registry: Registry, client: () => Docker, patience = ASKED_PATIENCE) =>
  async (image: string): Promise<string> => {
    try {
      const digest = await digestThere(client(), image, registry, AbortSignal.timeout(patience));
      if (digest) return digest;
      throw new Error("it tells no digest");
    } catch (error) {
      const { name, message } = error as Error;
      const said =
        name === "AbortError" || name === "TimeoutError" ? `time-out: no answer for ${patience / 1_000} s` : message;
      throw new Error(pullError(image, registry, said), { cause: error });
    }
  };

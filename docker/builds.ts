import type Docker from "dockerode";
import { endpointNameOf } from "./connect";
import { LOCAL_DOCKER } from "./localDocker";

/** The repositories of the load balancer's own images: they are built on Docker, and in no registry. */
const OWN = ["bluegreen-proxy", "bluegreen-holder"];
/** How long Docker may take to answer, in ms. */
const PATIENCE = 20_000;

/**
 * The tag among these that stays with what `image` is now: `bluegreen-proxy:1-0123456789ab` for `bluegreen-proxy:1`.
 * Setting up the images gives each of them one, which is a hash of its content.
 */
export const contentTag = (image: string, tags: readonly string[] | null | undefined): string | undefined =>
  tags?.filter((tag) => tag.startsWith(`${image}-`) && /^[0-9a-f]{12}$/.test(tag.slice(image.length + 1))).sort()[0];

/**
 * Which build one of the load balancer's own images is on Docker now, by the tag that stays with it. So the program asks
 * for something else as soon as the image has been built with other content, and for the same while it has not. Any
 * other image, and one that has no such tag, stays as it is named.
 *
 * @throws Error with a sentence if Docker has no such image of ours, or does not answer
 */
export const buildOf =
  (client: () => Docker) =>
  async (image: string): Promise<string> => {
    const [repository = ""] = image.split(/[:@]/);
    if (!OWN.includes(repository)) return image;
    const docker = client();
    try {
      // Its types know no options here.
      const found = docker.getImage(image) as { inspect(options: object): Promise<Docker.ImageInspectInfo> };
      return contentTag(image, (await found.inspect(patience())).RepoTags) ?? image;
    } catch (error) {
      throw new Error(await sentence(docker, image, repository, error as Fault), { cause: error });
    }
  };

interface Fault extends Error {
  code?: string;
  statusCode?: number;
}

const patience = () => ({ abortSignal: AbortSignal.timeout(PATIENCE) });

async function sentence(docker: Docker, image: string, repository: string, fault: Fault): Promise<string> {
  const at = endpointNameOf(docker);
  if (fault.name === "AbortError" || fault.name === "TimeoutError")
    return `Docker does not answer at ${at} (silent for ${PATIENCE / 1_000} s): see whether it is well`;
  if (typeof fault.code === "string")
    return `Docker does not answer at ${at} (${fault.code}): start it, or correct DOCKER_HOST`;
  if (fault.statusCode !== 404) return fault.message;
  const others = await docker.listImages({ filters: { reference: [repository] } }).catch(() => []);
  const tags = others.flatMap(({ RepoTags }) => RepoTags ?? []).sort();
  const has = tags.length > 0 ? `, which has ${tags.join(", ")}: correct loadBalancer.image, or` : ":";
  const command = `${at === LOCAL_DOCKER ? "" : `DOCKER_HOST=${at} `}npm run images`;
  return `${image} is not on the Docker at ${at}${has} build it there with ${command}`;
}

import type Docker from "dockerode";
import type { RoutingInputs } from "../../plan/routing";
import type { LoadBalancerAt } from "../../routing/loadBalancer";
import { FileTails } from "./files";
import { Logs } from "./output";

type Settings = Pick<RoutingInputs["settings"], "log">;

/** What follows the proxies' requests, in their files or in their output: wherever these settings have them logged. */
const followerOf = (docker: Docker, { log }: Settings, heard: (line: string) => void): FileTails | Logs =>
  log === "files" ? new FileTails(docker, heard) : new Logs(docker, heard);

/** The requests of all load balancers of a stack. One whose Docker is away is silent. */
export function followAll(all: readonly LoadBalancerAt[], settings: Settings, heard: (line: string) => void) {
  const each = all.map((at) => ({ ...at, news: followerOf(at.docker, settings, heard) }));
  const alone = all.length === 1;
  const followOne = async ({ balancer, news }: (typeof each)[number]) => {
    const containers = await balancer.containers();
    await news.follow(containers.filter(({ running }) => running).map(({ id }) => id));
  };
  return {
    /** Follows the proxies that run now. */
    follow: async (): Promise<void> => {
      await Promise.all(each.map((one) => (alone ? followOne(one) : followOne(one).catch(() => undefined))));
    },
    close: () => each.forEach(({ news }) => news.close()),
  };
}

import { perColor } from "../model/color";
import { holdersOf } from "../plan/loadBalancer";
import type { Plan, ServicePlan } from "../plan/plan";
import { perWorker } from "../plan/workers";
import type { Site } from "./site";

/** What a container is made from: where this is the same, it stays. It holds secrets, and is compared, never told. */
const madeFrom = ({ replicas: _, workers: __, ...container }: ServicePlan): string => JSON.stringify(container);

function workersOf(services: Plan["services"]): Pick<Site, "workers"> {
  const workers = perWorker(services, ({ containers, command }, color) =>
    containers.map((name) => `${name} ${JSON.stringify(command)} ${madeFrom(services[color])}`),
  );
  return Object.keys(workers).length > 0 ? { workers } : {};
}

/**
 * What a plan says of who gets what. Containers and images have no names yet, so these are made up from what they are made
 * from: the same where that is the same.
 */
export function siteOfPlan({ services, loadBalancer, routing, release }: Plan): Site {
  const { proxies, proxyImage, memory, openFiles, stopTimeout, log, requestLog } = loadBalancer;
  const proxy = JSON.stringify([proxyImage, memory, openFiles, stopTimeout, log, requestLog]);
  return {
    ...routing,
    assets: JSON.stringify([routing.pages, routing.certificates, routing.selfSigned]),
    images: routing.versions,
    replicas: perColor((color) => services[color].replicas.map((name) => `${name} ${madeFrom(services[color])}`)),
    ...workersOf(services),
    ...(release && {
      release: {
        ...{ timeout: release.timeout, first: release.first },
        runs: perColor((color) =>
          JSON.stringify([services[color].image, services[color].envs, release.command, release.again]),
        ),
      },
    }),
    proxies: proxies.map(({ name, holders }) => `${name} ${holders.join()} ${proxy}`),
    holders: holdersOf(loadBalancer).map(({ name, bind, port }) => ({ listener: name, bind, port })),
  };
}

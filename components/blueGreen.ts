import "./stacks";
import * as docker from "@pulumi/docker";
import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { haproxyFaults } from "../haproxy/config/limits";
import type { HaproxySettings } from "../haproxy/config/settings";
import type { Plan } from "../plan/plan";
import type { StackVolume } from "../plan/volumes";
import { perWorker } from "../plan/workers";
import { perColor, COLORS, type ActiveColor, type Color, type PerColor } from "../model/color";
import type { ColorService } from "./colorService";
import { makeEdges } from "./edges";
import type { Pull } from "./images";
import { Routing } from "./routing";
import { Release } from "./release";
import { SelfSignedCertificate } from "./selfSignedCertificate";
import { SwarmService, type RegistryLogin } from "./swarmService";
import { WebService } from "./webService";
import type { Share } from "../model/share";

/** A plan, and what it takes to carry it out. */
export interface BlueGreenArgs extends Plan {
  /** Per color: gets an image onto Docker before it is used. Default: the Docker provider pulls it, without a login. */
  pull?: PerColor<Pull>;
  /** Which build an image of the load balancer's is now, as a tag that stays with it. Default: as it is named. */
  build?: (image: string) => Promise<string>;
  /** Gets an image of the load balancer's onto an edge, where there are several hosts. Default: it is there. */
  copy?: (image: string, host: string) => Promise<void>;
  /** Per color: the login with which the nodes of a swarm get its image. Default: none. */
  login?: PerColor<RegistryLogin>;
}

/** One color's containers, on one host or on several. */
function serviceOf(
  color: Color,
  plan: BlueGreenArgs,
  volumes: Record<string, pulumi.Input<string>>,
  parent: pulumi.Resource,
): ColorService {
  const { stack, swarm, routing } = plan;
  const service = plan.services[color];
  const common = { service, stack, pull: plan.pull?.[color] };
  if (!swarm) return new WebService(service.name, { ...common, volumes }, { parent });
  const application = routing.settings.colors[color];
  return new SwarmService(service.name, { ...common, swarm, application, login: plan.login?.[color] }, { parent });
}

/** The headers of a check may hold a token. */
const withSecrets = ({ routing: { settings }, services }: Plan): pulumi.Output<HaproxySettings> =>
  pulumi.output({
    ...settings,
    colors: perColor((color) => {
      const { health, ...application } = settings.colors[color];
      const hidden = services[color].secret && Object.keys(health.headers).length > 0;
      return {
        ...application,
        health: { ...health, headers: hidden ? pulumi.secret(health.headers) : health.headers },
      };
    }),
  });

/** The containers of the application's workers, of both colors; nothing where there are none. */
function workersOf(
  services: PerColor<ColorService>,
  { services: plans }: Plan,
  loadBalancer: pulumi.Input<string>,
  after: pulumi.Resource[],
) {
  const workers = perWorker(plans, (worker, color) => {
    const service = services[color];
    return service instanceof WebService ? service.work(worker, loadBalancer, after) : [];
  });
  return Object.keys(workers).length > 0 ? { workers } : {};
}

/**
 * A blue-green deployment: a lasting pair of services behind a load balancer, and which of them gets the traffic.
 *
 * @example
 * const web = new BlueGreen("web", plan(settings));
 * export const activeColor = web.activeColor;
 */
export class BlueGreen extends pulumi.ComponentResource {
  /** Which color serves production. */
  readonly activeColor: pulumi.Output<ActiveColor>;
  /** Blue's part of the traffic, 0 to 10000. */
  readonly share: pulumi.Output<Share>;
  /** Whoever sends it sees the standby color on production; a secret. */
  readonly previewKey: pulumi.Output<string>;
  /** Opens the metrics and the statistics page; a secret. */
  readonly metricsPassword: pulumi.Output<string>;
  /** The digests of the images that run, `sha256:…`; none for an image that was built on this Docker. */
  readonly digest: PerColor<pulumi.Output<string | undefined>>;

  // eslint-disable-next-line max-lines-per-function -- the pair's table of contents, part after part
  constructor(name: string, plan: BlueGreenArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bluegreen:index:BlueGreen", name, {}, opts);
    const refused = haproxyFaults(plan);
    if (refused.length > 0) throw new pulumi.RunError(`nothing was changed:\n  ${refused.join("\n  ")}`);
    const parent = { parent: this };
    const { stack } = plan;
    const volumes = Object.fromEntries(plan.volumes.map((volume) => [volume.name, keptVolume(name, volume, this)]));
    const services = perColor((color) => serviceOf(color, plan, volumes, this));
    const networks = COLORS.map((color) => services[color].network.name);
    const loadBalancer = makeEdges({ ...plan, networks }, this);
    const releasing = { stack, loadBalancer: loadBalancer.key, services, plans: plan.services };
    const released = plan.release
      ? [new Release(`${name}-release`, { ...releasing, release: plan.release }, parent)]
      : [];
    const secret = (what: string) =>
      new random.RandomPassword(`${name}-${what}`, { length: 32, special: false }, parent).result;
    this.previewKey = secret("preview");
    this.metricsPassword = secret("metrics");
    const { selfSigned, certificates, secretRollout, ...routed } = plan.routing;
    const routing = new Routing(
      name,
      {
        ...routed,
        // Secret as a whole in either case: so a rollback, which has them from the state, gives them back alike.
        certificates: pulumi.secret(
          selfSigned
            ? [new SelfSignedCertificate(`${name}-self-signed`, { hosts: selfSigned }, parent).pem]
            : certificates,
        ),
        settings: withSecrets(plan),
        // Requests may hold a token, and so may a command.
        ...(routed.rollout && secretRollout && { rollout: pulumi.secret(routed.rollout) }),
        loadBalancer: loadBalancer.key,
        holders: loadBalancer.holders,
        proxies: loadBalancer.proxies,
        ...(loadBalancer.edges && { edges: loadBalancer.edges }),
        replicas: perColor((color) => services[color].serve(released)),
        ...workersOf(services, plan, loadBalancer.key, released),
        networks: perColor((color) => services[color].network.name),
        images: perColor((color) => services[color].image),
        previewKey: this.previewKey,
        metricsPassword: this.metricsPassword,
      },
      parent,
    );
    this.activeColor = routing.activeColor;
    this.share = routing.share;
    this.digest = perColor((color) => services[color].digest);
    this.registerOutputs();
  }
}

/**
 * A volume of the stack, for both colors. Taken out of config or destroyed, its data stays in Docker, and it has the
 * same name when it is made again; one whose stack was renamed keeps the name that it has.
 */
const keptVolume = (site: string, { name, dockerName }: StackVolume, parent: pulumi.Resource) =>
  new docker.Volume(`${site}-${name}`, { name: dockerName }, { parent, retainOnDelete: true, ignoreChanges: ["name"] })
    .name;

import "./stacks";
import * as docker from "@pulumi/docker";
import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { haproxyFaults } from "../haproxy/config/limits";
import type { HaproxySettings } from "../haproxy/config/settings";
import type { Plan } from "../plan/plan";
import type { StackVolume } from "../plan/volumes";
import { perColor, COLORS, type ActiveColor, type PerColor } from "../model/color";
import { LoadBalancer } from "./loadBalancer";
import { Routing } from "./routing";
import { Release } from "./release";
import { SelfSignedCertificate } from "./selfSignedCertificate";
import { WebService, type Pull } from "./webService";
import type { Share } from "../model/share";

/** A plan, and what it takes to carry it out. */
export interface BlueGreenArgs extends Plan {
  /** Per color: gets an image onto Docker before it is used. Default: the Docker provider pulls it, without a login. */
  pull?: PerColor<Pull>;
  /** Which build an image of the load balancer's is now, as a tag that stays with it. Default: as it is named. */
  build?: (image: string) => Promise<string>;
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
  services: PerColor<WebService>,
  { services: plans }: Plan,
  loadBalancer: pulumi.Input<string>,
  after: pulumi.Resource[],
) {
  const workers = plans.blue.workers.map(({ name, both }, index) => ({
    name,
    worker: { both, ...perColor((color) => services[color].work(plans[color].workers[index]!, loadBalancer, after)) },
  }));
  const all = Object.fromEntries(workers.map(({ name, worker }) => [name, worker]));
  return workers.length > 0 ? { workers: all } : {};
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
    const services = perColor((color) => {
      const service = plan.services[color];
      return new WebService(service.name, { service, stack, volumes, pull: plan.pull?.[color] }, parent);
    });
    const networks = COLORS.map((color) => services[color].network.name);
    const loadBalancer = new LoadBalancer(
      plan.loadBalancer.name,
      { loadBalancer: plan.loadBalancer, stack, networks, build: plan.build },
      parent,
    );
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

import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import type { Plan } from "../plan/plan";
import { perColor, COLORS, type ActiveColor, type PerColor, type Share } from "../plan/types";
import { LoadBalancer } from "./loadBalancer";
import { Routing } from "./routing";
import { SelfSignedCertificate } from "./selfSignedCertificate";
import { WebService } from "./webService";

/** A plan, and what it takes to carry it out. */
export interface BlueGreenArgs extends Plan {
  /** Per color: gets an image onto Docker before it is used. Default: the Docker provider pulls it, without a login. */
  pull?: PerColor<(image: string) => Promise<void>>;
  /** Which build an image of the load balancer's is now, as a tag that stays with it. Default: as it is named. */
  build?: (image: string) => Promise<string>;
}

/**
 * A blue-green deployment: a lasting pair of services behind a load balancer, and who of them gets the traffic.
 *
 * @example
 * const web = new BlueGreen("web", plan(settings));
 * export const activeColor = web.activeColor;
 */
export class BlueGreen extends pulumi.ComponentResource {
  /** Who serves production. */
  readonly activeColor: pulumi.Output<ActiveColor>;
  /** Blue's part of the traffic, 0 to 10000. */
  readonly share: pulumi.Output<Share>;
  /** Who sends it sees the standby color on production; a secret. */
  readonly previewKey: pulumi.Output<string>;
  /** Opens the metrics and the statistics page; a secret. */
  readonly metricsPassword: pulumi.Output<string>;
  /** The digests of the images that run, `sha256:…`; none for an image that was built on this Docker. */
  readonly digest: PerColor<pulumi.Output<string | undefined>>;

  constructor(name: string, plan: BlueGreenArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bluegreen:index:BlueGreen", name, {}, opts);
    const parent = { parent: this };
    const services = perColor(
      (color) =>
        new WebService(plan.services[color].name, { service: plan.services[color], pull: plan.pull?.[color] }, parent),
    );
    const networks = COLORS.map((color) => services[color].network.name);
    const loadBalancer = new LoadBalancer(
      plan.loadBalancer.name,
      { loadBalancer: plan.loadBalancer, networks, build: plan.build },
      parent,
    );
    const secret = (what: string) =>
      new random.RandomPassword(`${name}-${what}`, { length: 32, special: false }, parent).result;
    this.previewKey = secret("preview");
    this.metricsPassword = secret("metrics");
    const { selfSigned, certificates, ...routed } = plan.routing;
    const routing = new Routing(
      name,
      {
        ...routed,
        certificates: selfSigned
          ? [new SelfSignedCertificate(`${name}-self-signed`, { hosts: selfSigned }, parent).pem]
          : pulumi.secret(certificates),
        loadBalancer: loadBalancer.key,
        holders: loadBalancer.holders,
        proxies: loadBalancer.proxies,
        replicas: perColor((color) => services[color].replicas),
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

import * as pulumi from "@pulumi/pulumi";
import { BlueGreen } from "./components/blueGreen";
import { assets } from "./assets/assets";
import { edgesMustBeClear, mustBeClear } from "./host/look";
import { tellMovedTags } from "./host/movedTags";
import { remoteHost, tunnelTo } from "./docker/endpoint";
import { METRICS_USER } from "./haproxy/config/names";
import { holdersOf, urlOf } from "./plan/loadBalancer";
import { plan, runs } from "./plan/plan";
import { edgesOf } from "./plan/swarm";
import { PREVIEW_NAME } from "./haproxy/config/previewKey";
import { perColor } from "./model/color";
import { buildOf } from "./docker/builds";
import { copyImage } from "./docker/copyImage";
import { movedTagIn } from "./docker/movedTag";
import { dockerAt, pullFrom } from "./docker/pull";
import { loadSettings } from "./settings/load";

/** The program; what it returns are the stack's outputs. */
export = async () => {
  const settings = loadSettings(assets);
  const dockerHost = settings.docker?.host;
  const elsewhere = remoteHost(dockerHost);
  const deployment = plan(settings, "web", elsewhere);
  const docker = dockerAt(settings.docker?.named);
  const asked = perColor((color) => movedTagIn(settings[color].registry, docker));
  const moved = tellMovedTags(deployment.services, asked); // while all else goes on
  const { swarm } = deployment;
  const at = (host: string) => dockerAt(host)();
  await (swarm ? edgesMustBeClear(deployment, swarm.edges, at) : mustBeClear(deployment, docker));
  const pull = perColor((color) => pullFrom(settings[color].registry, docker));
  const build = (image: string) =>
    buildOf(docker)(image).catch((error: Error) => Promise.reject(new pulumi.RunError(error.message)));
  const copy = (image: string, host: string) => copyImage(docker(), at(host), image);
  const login = perColor((color) => settings[color].registry);
  const web = new BlueGreen(deployment.site, { ...deployment, pull, build, copy, login });
  const { production, https, staging, metrics } = deployment.loadBalancer;
  const productionUrl = urlOf(https ?? production, settings.hosts[0] ?? swarm?.edges[0]?.address ?? elsewhere);
  await moved;
  return {
    /** Where visitors go. */
    productionUrl,
    ...(swarm && { edges: edgesOf(swarm) }),
    /** Where the standby color is looked at before a switch. */
    stagingUrl: urlOf(staging),
    // For a remote Docker host, `tunnel`: the command that makes the URLs on its loopback, such as staging's, work here.
    // Only then: an output without a value would be warned of.
    ...tunnelTo(dockerHost, holdersOf(deployment.loadBalancer)),
    /** Which color serves production: blue, green or both. */
    activeColor: web.activeColor,
    /** Blue's part of the traffic, 0 to 10000. */
    share: web.share,
    /** What blue runs; the digest is that of the image in its registry. */
    blue: { ...runs(deployment.services.blue), digest: web.digest.blue },
    /** What green runs; the digest is that of the image in its registry. */
    green: { ...runs(deployment.services.green), digest: web.digest.green },
    /** Whoever opens it sees the standby color on production from then on, in this browser. */
    previewUrl: pulumi.interpolate`${productionUrl}/?${PREVIEW_NAME}=${web.previewKey}`,
    /** The key in it, for the request header X-Bluegreen-Preview. */
    previewKey: web.previewKey,
    /** Where each proxy tells its metrics (`/metrics`, `/replicas`) and statistics (`/`). */
    metricsUrls: metrics.map((holder) => urlOf(holder)),
    /** The user and password that they ask for. */
    metricsUser: METRICS_USER,
    /** The password of that user. */
    metricsPassword: web.metricsPassword,
  };
};

import * as pulumi from "@pulumi/pulumi";
import { BlueGreen } from "./components/blueGreen";
import { outside } from "./files/outside";
import { remoteHost, tunnelTo } from "./plan/endpoint";
import { METRICS_USER } from "./plan/haproxy/names";
import { holdersOf, urlOf } from "./plan/loadBalancer";
import { plan, runs } from "./plan/plan";
import { PREVIEW_NAME } from "./plan/previewKey";
import { perColor } from "./plan/types";
import { buildOf } from "./registry/builds";
import { dockerAt, pullFrom } from "./registry/pull";
import { loadSettings } from "./settings/load";

const settings = loadSettings(outside);
const deployment = plan(settings);
const docker = dockerAt(settings.docker?.named);
const pull = perColor((color) => pullFrom(settings[color].registry, docker));
const build = (image: string) =>
  buildOf(docker)(image).catch((error: Error) => Promise.reject(new pulumi.RunError(error.message)));
const web = new BlueGreen(deployment.site, { ...deployment, pull, build });
const { production, https, staging, metrics } = deployment.loadBalancer;
const dockerHost = settings.docker?.host;

/** Where visitors go. */
export const productionUrl = urlOf(https ?? production, settings.hosts[0] ?? remoteHost(dockerHost));
/** Where the standby color is looked at before a switch. */
export const stagingUrl = urlOf(staging);
// For a remote Docker host, `tunnel`: the command that makes the URLs on its loopback, such as staging's, work here.
// Only then: an output without a value would be warned of.
Object.assign(exports as object, tunnelTo(dockerHost, holdersOf(deployment.loadBalancer)));
/** Who serves production: blue, green or both. */
export const activeColor = web.activeColor;
/** Blue's part of the traffic, 0 to 10000. */
export const share = web.share;
/** What blue runs; the digest is that of the image in its registry. */
export const blue = { ...runs(deployment.services.blue), digest: web.digest.blue };
/** What green runs; the digest is that of the image in its registry. */
export const green = { ...runs(deployment.services.green), digest: web.digest.green };
/** Who opens it sees the standby color on production from then on, in this browser. */
export const previewUrl = pulumi.interpolate`${productionUrl}/?${PREVIEW_NAME}=${web.previewKey}`;
/** The key in it, for the request header X-Bluegreen-Preview. */
export const previewKey = web.previewKey;
/** Where each proxy tells its metrics (`/metrics`, `/replicas`) and statistics (`/`). */
export const metricsUrls = metrics.map((holder) => urlOf(holder));
/** Who may see them. */
export const metricsUser = METRICS_USER;
/** The password of that user. */
export const metricsPassword = web.metricsPassword;

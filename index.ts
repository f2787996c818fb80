import { BlueGreen } from "./components/blueGreen";
import { plan, runs, urlOf } from "./plan/plan";
import { perColor } from "./plan/types";
import { pullFrom } from "./registry/pull";
import { loadSettings } from "./settings/load";

const settings = loadSettings();
const deployment = plan(settings);
const pull = perColor((color) => pullFrom(settings[color].registry));
const web = new BlueGreen(deployment.site, { ...deployment, pull });
const { production, staging } = deployment.loadBalancer.holders;

/** Where visitors go. */
export const productionUrl = urlOf(production);
/** Where the standby color is looked at before a switch. */
export const stagingUrl = urlOf(staging);
/** Who serves production: blue, green or both. */
export const activeColor = web.activeColor;
/** Blue's part of the traffic, 0 to 10000. */
export const share = web.share;
/** What blue runs; the digest is that of the image in its registry. */
export const blue = { ...runs(deployment.services.blue), digest: web.digest.blue };
/** What green runs; the digest is that of the image in its registry. */
export const green = { ...runs(deployment.services.green), digest: web.digest.green };

// A pair in a program of your own, beside whatever else that declares: two lines for the pair, and its config is yours to name.
// Pulumi.yaml says where the plugin is. The images of the load balancer are those of `npm run setup`.
import * as pulumi from "@pulumi/pulumi";
import { BlueGreen } from "../../components/blueGreen";
import { plan } from "../../plan/plan";
import { settingsFrom } from "../../settings/load";

const config = new pulumi.Config();
const port = config.getNumber("port") ?? 8090;

// The keys, values and defaults of the README's table; whatever is left out has its default.
const settings = settingsFrom({
  image: "bluegreen-demo",
  blue: { tag: "v1", scale: 1 },
  green: { tag: config.get("next") ?? "v2", scale: 1 },
  activeColor: config.get("live") ?? "blue",
  app: { health: { path: "/health" } },
  loadBalancer: { port, stagingPort: port + 1, metricsPort: port + 2 },
});

const shop = new BlueGreen("shop", plan(settings, "shop"));

/** Which color serves the shop. */
export const live = shop.activeColor;
/** Where visitors go. */
export const url = `http://localhost:${port}`;

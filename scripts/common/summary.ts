import { currentWorker, type Observed } from "../../model/observed";
import { COLORS, type Color } from "../../model/color";
import { balancerOf } from "./balancer";
import { STACK } from "./demo";
import { stateOf } from "./deployed";
import { pulumi, type Demo } from "./stack";

interface Outputs extends Record<Color, { tag: string; scale: number }> {
  productionUrl: string;
  stagingUrl: string;
  tunnel?: string;
  activeColor: string;
}

/** How many of a color's replicas every serving proxy has seen healthy. */
export const healthy = ({ proxies }: Observed, color: Color) => {
  const counts = proxies.flatMap(
    (proxy) => currentWorker(proxy)?.servers[color].filter((server) => server.healthy).length ?? [],
  );
  return counts.length > 0 ? Math.min(...counts) : 0;
};

/** What runs where, and what to try next. */
export async function summary(demo: Demo): Promise<string> {
  Object.assign(process.env, demo.env); // the daemon that Pulumi used
  const outputs = JSON.parse(await pulumi(demo, ["stack", "output", "--stack", STACK, "--json"])) as Outputs;
  const { routing } = await stateOf(demo, ["--stack", STACK]);
  const observed = await balancerOf(routing!).balancer.observe();
  const rows = COLORS.map((color) => {
    const { tag, scale } = outputs[color];
    const role = outputs.activeColor === color ? "  active" : "";
    return `  ${color.padEnd(11)}${tag} × ${scale}, ${healthy(observed, color)} healthy${role}`;
  });
  const other = outputs.activeColor === "blue" ? "green" : "blue";
  return [
    `  production ${outputs.productionUrl}`,
    `  staging    ${outputs.stagingUrl}`,
    ...(outputs.tunnel ? [`             after ${outputs.tunnel}`] : []),
    ...rows,
    "",
    "In this shell, once:",
    '  eval "$(npm run -s activate)"',
    "Then try:",
    `  pulumi config set activeColor ${other} && pulumi up`,
    `  pulumi config set activeColor ${outputs.activeColor} && pulumi up`,
  ].join("\n");
}

import type Docker from "dockerode";
import { haproxyConfig } from "../../haproxy/config/config";
import { CONFIG_FOLDER, PROXY_ALIAS } from "../../haproxy/config/names";
import { loadBalancerPlan, holdersOf, type LoadBalancerPlan } from "../../plan/loadBalancer";
import { routingPlan } from "../../plan/routing";
import type { PerColor } from "../../model/color";
import { haproxyInputs, slotFiles, versionedFiles } from "../../haproxy/control/files";
import type { RoutingInputs } from "../../plan/routing";
import { selfSigned } from "../../routing/selfSigned";
import { settingsOf, type Settings } from "../../settings/settings";
import { putFiles, type Lab } from "./lab";
import type { Subject } from "./subject";
import type { Slot } from "../../model/slot";

const SITE = "web";

/** A load that comes from one address would meet the limits of one client. */
const ONE_CLIENT = { clientConnections: 10_000, clientRequests: 10_000, replicaConnections: 10_000 };

function settingsFor(config: Record<string, unknown>): Settings {
  const color = { tag: "1", scale: 2 };
  const all = { activeColor: "green", image: "bluegreen-bench", blue: color, green: color, limits: ONE_CLIENT };
  const settings = settingsOf({ ...all, ...config }, new Set());
  if ("faults" in settings) throw new Error(settings.message);
  return settings;
}

/** The files that `pulumi up` would write for this config. */
async function filesFor(settings: Settings, lab: Lab): Promise<Record<string, string>> {
  const plan = routingPlan(SITE, settings);
  const certificates = settings.tls ? [await selfSigned(["bench.test"])] : [];
  const secrets = { previewKey: "k".repeat(32), metricsPassword: "p".repeat(32) };
  const inputs = { ...plan, certificates, ...secrets } as unknown as RoutingInputs;
  const of = (color: string): Slot[] => lab.replicas(color).map((name) => ({ name, gated: true }));
  const slots: PerColor<Slot[]> = { blue: of("blue"), green: of("green") };
  const files = [...versionedFiles(inputs), ...slotFiles(slots, SITE)];
  return {
    ...Object.fromEntries(files.map(({ name, body }) => [name, body])),
    "haproxy.cfg": haproxyConfig(haproxyInputs(inputs), slots, "bench"),
    "share.map": `${SITE} ${plan.share}\n`,
    "maintenance.map": `${SITE} 0\n`,
  };
}

/** Proxies as the components make them, as far as it costs anything. */
async function proxiesOf(
  lab: Lab,
  name: string,
  plan: LoadBalancerPlan,
  files: Record<string, string>,
): Promise<{ holders: Docker.Container[]; proxies: Docker.Container[] }> {
  const [sockets, config] = [lab.volume(`${name}-sockets`), lab.volume(`${name}-config`)];
  const holders: Docker.Container[] = [];
  for (const holder of holdersOf(plan))
    holders.push(
      await lab.run(`${name}-${holder.name}`, {
        ...{ image: plan.holderImage, command: [holder.name], host: { Binds: [`${sockets}:/run/fd`] } },
      }),
    );
  const proxies: Docker.Container[] = [];
  for (const proxy of plan.proxies)
    proxies.push(
      await lab.create(`${name}-${proxy.name}`, {
        image: plan.proxyImage,
        env: [
          `LISTENERS=${proxy.holders.join(" ")}`,
          ...[`LOG_SIZE=${plan.requestLog.size}`, `LOG_FILES=${plan.requestLog.files}`],
        ],
        host: {
          Binds: [`${sockets}:/run/fd:ro`, `${config}:${CONFIG_FOLDER}`],
          Tmpfs: { "/run/haproxy": "uid=1002,gid=1002,mode=700,size=1m" },
          ...{ ReadonlyRootfs: true, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] },
          ...{ Memory: plan.memory * 2 ** 20, MemorySwap: plan.memory * 2 ** 20 },
          Ulimits: [{ Name: "nofile", Soft: plan.openFiles, Hard: plan.openFiles }],
          LogConfig: { Type: "json-file", Config: plan.log },
        },
        aliases: [PROXY_ALIAS],
      }),
    );
  await putFiles(proxies[0]!, CONFIG_FOLDER, files);
  for (const proxy of proxies) await proxy.start();
  return { holders, proxies };
}

/**
 * Our load balancer, with the text that the product renders, on holders and proxies like those of a stack.
 *
 * @param config keys of the stack's config
 */
export async function ours(lab: Lab, name: string, config: Record<string, unknown> = {}): Promise<Subject> {
  const settings = settingsFor(config);
  const plan = loadBalancerPlan(SITE, settings);
  const made = await proxiesOf(lab, name.replaceAll(/\W+/g, "-"), plan, await filesFor(settings, lab));
  return subjectOf(lab, name, settings, made);
}

/** HAProxy alone with the same two servers, on the same holders and in the same image: what it costs to be there. */
export async function bare(lab: Lab, name: string, scale: number): Promise<Subject> {
  const settings = settingsFor({ loadBalancer: { scale } });
  const made = await proxiesOf(lab, name.replaceAll(/\W+/g, "-"), loadBalancerPlan(SITE, settings), {
    "haproxy.cfg": bareConfig(lab.replicas("green")),
  });
  return subjectOf(lab, name, settings, made);
}

/** HAProxy with these servers and nothing else. */
export const bareConfig = (servers: readonly string[], bind = "bind fd@3") => `global
  maxconn 4220
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend production
  ${bind}
  default_backend web
backend web
  balance leastconn
${servers.map((server, index) => `  server s${index} ${server}:80`).join("\n")}
`;

async function subjectOf(
  lab: Lab,
  name: string,
  settings: Settings,
  { holders, proxies }: { holders: Docker.Container[]; proxies: Docker.Container[] },
): Promise<Subject> {
  const address = await lab.addressOf(settings.tls ? holders.at(-1)! : holders[0]!);
  const url = `${settings.tls ? "https" : "http"}://${address}:8080/`;
  return { name, url, containers: proxies, all: [...holders, ...proxies] };
}

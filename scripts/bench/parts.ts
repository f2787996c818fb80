import { shown } from "./plot";
import type { Circumstances, Results } from "./results";
import type { Spread } from "./spread";
import { PACE } from "./throughput";

const spread = (figure: Spread, unit = "") =>
  `${shown(figure.middle)}${unit} (${shown(figure.least)}–${shown(figure.most)})`;
const times = (figure: Spread) => `×${figure.middle.toFixed(2)} (${figure.least.toFixed(2)}–${figure.most.toFixed(2)})`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const circumstances = ({ date, machine, versions, effort, busy }: Circumstances) =>
  `${effort}. Measured on ${date.slice(0, 10)}: ${machine}, load average ${busy.toFixed(1)} at the start; ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.`;

const plot = (name: string, title: string) => `![${title}](figures/${name}.svg)`;

/** The page on throughput and CPU time. */
export function throughputPart(part: NonNullable<Results["throughput"]>): string {
  const rows = part.figures.map((one) => [
    one.name,
    spread(one.perSecond),
    spread(one.p99, " ms"),
    one.paced ? spread(one.paced, " ms") : "–",
    spread(one.proxy),
    spread(one.docker),
    times(one.ratio),
    one.memory.toFixed(0),
    String(one.failed),
  ]);
  const heads = [
    "",
    "requests/s",
    "p99",
    `p99 at ${shown(PACE)}/s`,
    "µs in the proxies",
    "µs in Docker",
    "both, against the first",
    "MB",
    "failed",
  ];
  return `## The price of a request

The same load by turns, through the same holders where they are ours, to the same two nginx replicas that answer 250 bytes. CPU time per request is
what the cgroups of the proxies used, and beside it dockerd, containerd and the containers' shims. Two saturated cores are shared by load, proxies and replicas, so
that requests per second and p99 say how they compare, not what a machine can do; p99 is told once more for a load that leaves the processors time. Each ratio is of runs of one round; in brackets least and most.

${circumstances(part)}

${table(heads, rows)}

${plot("cpu", "CPU time per request, proxies and Docker together")}
${plot("throughput", "Requests per second")}
${plot("p99", "99th percentile")}
`;
}

/** The page on switches. */
export function switchPart(part: NonNullable<Results["switching"]>): string {
  const rows = part.figures.map((one) => [
    one.name,
    one.way,
    spread(one.moved, " s"),
    spread(one.command, " s"),
    `${one.failed} of ${one.sent}`,
    String(one.late),
    spread(one.slowest, " ms"),
  ]);
  const heads = ["", "its own way", "old color's last answer", "command ended", "failed", "late", "slowest request"];
  return `## A switch

Twenty clients ask all the time, a fifth of them on new connections; none asks twice. *Failed* is what got no good answer, *late* what was sent
after the command had said that it was done, and was answered by the old color all the same. Ours goes through Pulumi, which is where its time goes; it checks the new color
first and waits until the old one has answered its last request. The peers' reloads check nothing and wait for nothing, kamal-proxy checks and drains.

${circumstances(part)}

${table(heads, rows)}

${plot("switch", "From the command to the old color's last answer")}
`;
}

/** The page on Pulumi's commands. */
export function commandPart(part: NonNullable<Results["commands"]>): string {
  const rows = part.figures.map((one) => [
    one.name,
    spread(one.preview, " s"),
    times(one.previewRatio),
    spread(one.up, " s"),
    times(one.upRatio),
  ]);
  return `## Pulumi's commands

\`pulumi preview\`, and \`pulumi up\` with nothing to change, against an empty TypeScript program in the same round.

${circumstances(part)}

${table(["", "preview", "against empty", "up", "against empty"], rows)}

${plot("commands", "pulumi preview")}
`;
}

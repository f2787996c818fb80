import type { CommandFigures } from "./commands";
import { commandPart, switchPart, throughputPart } from "./parts";
import { barPlot, shown, type Bar } from "./plot";
import type { Results } from "./results";
import type { Spread } from "./spread";
import type { SwitchFigures } from "./switching";
import { PACE, type Figures } from "./throughput";

const ours = (name: string) => name.startsWith("ours");

const bars = <T extends { name: string }>(figures: readonly T[], of: (figure: T) => Spread): Bar[] =>
  figures.map((figure) => ({ label: figure.name, figure: of(figure), own: ours(figure.name) }));

const together = ({ proxy, docker }: Figures): Spread => ({
  middle: proxy.middle + docker.middle,
  least: proxy.least + docker.least,
  most: proxy.most + docker.most,
});

/** Where a peer has the shorter 99th percentile. */
function slower(own: Figures, peer: Figures): string[] {
  const part = (one: Spread, other: Spread) => (one.middle < other.middle ? [shown(one.middle / other.middle)] : []);
  const full = part(peer.p99, own.p99).map((ratio) => `has ${ratio} of our p99`);
  const paced = peer.paced && own.paced ? part(peer.paced, own.paced) : [];
  return [...full, ...paced.map((ratio) => `has ${ratio} of our p99 at ${shown(PACE)}/s`)];
}

/** What speaks against us, from the figures themselves: each peer that is better at something. */
export function against({ throughput, switching }: Results): string[] {
  const lines: string[] = [];
  const own = throughput?.figures.find(({ name }) => name === "ours by default");
  for (const peer of throughput?.figures.filter(({ name }) => !ours(name)) ?? []) {
    if (!own) continue;
    const better = [
      ...(together(peer).middle < together(own).middle
        ? [`takes ${shown(together(peer).middle / together(own).middle)} of our CPU time for a request`]
        : []),
      ...slower(own, peer),
      ...(peer.memory < own.memory
        ? [`needs ${peer.memory.toFixed(0)} MB where we need ${own.memory.toFixed(0)}`]
        : []),
    ];
    if (better.length > 0) lines.push(`${peer.name} ${better.join(", ")} (ours by default).`);
  }
  const up = switching?.figures.find(({ name }) => name === "ours, up");
  const quicker = switching?.figures.filter(({ name, moved }) => !ours(name) && up && moved.middle < up.moved.middle);
  if (up && quicker && quicker.length > 0)
    lines.push(
      `A switch by \`pulumi up\` moves the traffic after ${shown(up.moved.middle)} s; ${quicker.map(({ name, moved }) => `${name} after ${shown(moved.middle)} s`).join(", ")}.`,
    );
  return lines;
}

/** The page, from what was measured last. */
export function pageOf(results: Results): string {
  const { throughput, switching, commands } = results;
  const lines = against(results);
  return `# Figures

<!-- Written by \`npm run bench\`: a change by hand is overwritten. -->

\`npm run bench\` measures all of this on your machine and writes this page anew: \`npm run bench -- throughput\`, \`switching\` or \`commands\` one part,
\`--quick\` less of it, \`--kamal-proxy PATH\` that peer too, \`--dry\` prints and writes nothing. It needs Docker on the same machine, and leaves nothing behind.

${[throughput && throughputPart(throughput), switching && switchPart(switching), commands && commandPart(commands)].filter(Boolean).join("\n")}${
    lines.length > 0 ? `\n## What speaks against us\n\n${lines.map((line) => `- ${line}`).join("\n")}\n` : ""
  }`;
}

/** The plots of the page: their names with their SVG. */
export function plotsOf({ throughput, switching, commands }: Results): Record<string, string> {
  return {
    ...(throughput && {
      cpu: barPlot("CPU time per request, proxies and Docker together", "µs", bars(throughput.figures, together)),
      throughput: barPlot(
        "Requests per second, two saturated cores",
        "1/s",
        bars(throughput.figures, (one) => one.perSecond),
      ),
      p99: barPlot(
        "99th percentile, two saturated cores",
        "ms",
        bars(throughput.figures, (one) => one.p99),
      ),
    }),
    ...(switching && {
      switch: barPlot(
        "From the command to the old color's last answer",
        "s",
        bars<SwitchFigures>(switching.figures, (one) => one.moved),
      ),
    }),
    ...(commands && {
      commands: barPlot(
        "pulumi preview",
        "s",
        bars<CommandFigures>(commands.figures, (one) => one.preview),
      ),
    }),
  };
}

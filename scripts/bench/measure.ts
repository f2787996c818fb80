import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import type { Demo } from "../common/stack";
import { commands } from "./commands";
import type { Lab } from "./lab";
import { pageOf, plotsOf } from "./page";
import { FOLDER, machine, writeResults, type Part, type Results } from "./results";
import { switching } from "./switching";
import { throughput } from "./throughput";
import { versionsOf } from "./versions";

/** The parts that can be measured by themselves, in the order of the page. */
export const PARTS = ["throughput", "switching", "commands"] as const;
export type PartName = (typeof PARTS)[number];

/** How a part is measured. */
export interface Asked {
  /** Less of it, for a try. */
  quick: boolean;
  /** The path of kamal-proxy's program, where that is measured too. */
  kamal: string | undefined;
}

/** Measures one part. */
export async function measure(name: PartName, demo: Demo, lab: Lab, { quick, kamal }: Asked): Promise<Results> {
  const rounds = quick ? 2 : 5;
  const around = {
    ...{ date: new Date().toISOString(), machine: machine(), busy: loadavg()[0]! },
    versions: await versionsOf(lab, demo, kamal),
  };
  const part = async <T>(effort: string, figures: Promise<T[]>): Promise<Part<T>> => ({
    ...{ ...around, effort },
    figures: await figures,
  });
  switch (name) {
    case "throughput": {
      const effort = { rounds, seconds: quick ? 2 : 4, connections: 32 };
      const words = `${rounds} rounds of ${effort.seconds} s each, ${effort.connections} connections`;
      return { throughput: await part(words, throughput(lab, effort, kamal, console.log)) };
    }
    case "switching": {
      const words = `${rounds} switches each, ours ${rounds + (rounds % 2)}`;
      return { switching: await part(words, switching(demo, lab, { rounds, kamal }, console.log)) };
    }
    case "commands": {
      const scales = quick ? [3] : [3, 20];
      return { commands: await part(`${rounds} rounds`, commands(demo, { rounds, scales }, console.log)) };
    }
  }
}

/** Keeps what was measured, and writes the page and its plots from it. */
export function publish(results: Results): void {
  const kept = writeResults(results);
  writeFileSync(join(FOLDER, "..", "figures.md"), pageOf(kept));
  for (const [name, svg] of Object.entries(plotsOf(kept))) writeFileSync(join(FOLDER, `${name}.svg`), svg);
}

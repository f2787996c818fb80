import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../engine/layout";
import type { CommandFigures } from "./commands";
import type { SwitchFigures } from "./switching";
import type { Figures } from "./throughput";

/** Where the page's plots and the figures behind it are. */
export const FOLDER = join(projectFolder, "docs", "figures");
const FILE = join(FOLDER, "figures.json");

/** On what, and when, a part was measured. */
export interface Circumstances {
  /** ISO date. */
  date: string;
  machine: string;
  versions: Record<string, string>;
  /** How often, for how long; in words. */
  effort: string;
  /** How many processes wanted a processor when it began: beyond the number of processors, others were at work. */
  busy: number;
}

/** A part of the bench with its figures. */
export interface Part<T> extends Circumstances {
  figures: T[];
}

/** What was measured last, part by part. */
export interface Results {
  throughput?: Part<Figures>;
  switching?: Part<SwitchFigures>;
  commands?: Part<CommandFigures>;
}

/** The last figures of each part; none if nothing was measured yet. */
export const readResults = (): Results => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, "utf8")) as Results) : {});

/** Figures worth keeping: a ten-thousandth more or less is none. */
const rounded = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);

/** Keeps them. @returns them as they are kept */
export function writeResults(results: Results): Results {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(results, rounded, 2)}\n`);
  return readResults();
}

/** This machine, without its name. */
export const machine = (): string => {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`;
};

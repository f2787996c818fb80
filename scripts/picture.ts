import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { COLORS, type Color } from "../model/color";
import { engineFor } from "./common/cli";
import { STACK } from "./common/demo";
import { pictureOf, type Window } from "./picture/frame";
import { openBrowser } from "./common/browser";
import { projectFolder } from "./engine/layout";
import { SetupError } from "./common/step";
import { pulumi, type Demo } from "./common/stack";
import { failed } from "./common/failed";

// Takes the README's picture, blue and green side by side, from the stack of `npm start` as it runs just now.

const FILE = join(projectFolder, "docs", "blue-and-green.png");
const PAGE = { width: 1120, height: 700 };
/** The dots at the bottom of a page come once a second: some of them belong in the picture. */
const DOTS = 8;

interface Outputs extends Record<Color, { tag: string; scale: number }> {
  productionUrl: string;
  stagingUrl: string;
  activeColor: string;
}

async function outputsOf(demo: Demo): Promise<Outputs> {
  const text = await pulumi(demo, ["stack", "output", "--stack", STACK, "--json"]);
  const outputs = JSON.parse(text) as Partial<Outputs>;
  if (!outputs.productionUrl || !COLORS.some((color) => color === outputs.activeColor))
    throw new SetupError("The picture needs a running stack with one color live: run npm start once.");
  return outputs as Outputs;
}

/** One listener's page as a browser shows it, with the color that serves there. */
async function windowOf(browser: Browser, role: string, url: string, outputs: Outputs): Promise<Window> {
  const page = await browser.newPage({ viewport: PAGE });
  const answer = await page.goto(url);
  const color = answer?.headers()["x-bluegreen-color"] as Color;
  await page.locator(`#dots i:nth-child(${DOTS})`).waitFor({ timeout: 60_000 });
  const shot = (await page.screenshot()).toString("base64");
  const { tag, scale } = outputs[color];
  return { role, url, color, says: `${color} ${tag} × ${scale}`, shot: `data:image/png;base64,${shot}` };
}

async function main(): Promise<void> {
  const outputs = await outputsOf(await engineFor([]));
  const browser = await openBrowser(console.log);
  try {
    const windows = await Promise.all([
      windowOf(browser, "production", outputs.productionUrl, outputs),
      windowOf(browser, "staging", outputs.stagingUrl, outputs),
    ]);
    const picture = await pictureOf(browser, windows);
    mkdirSync(join(projectFolder, "docs"), { recursive: true });
    writeFileSync(FILE, picture);
    console.log(`docs/blue-and-green.png: ${Math.ceil(picture.length / 1024)} kB`);
  } finally {
    await browser.close();
  }
}

main().catch(failed);

import { chromium, type Browser } from "playwright-core";
import { installPackages, takesPackages, whereIs } from "./packages";
import { SetupError, type Say } from "./step";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const HOW = "No Chromium is on the PATH. Install Chromium or Google Chrome, and try again.";

const find = () => NAMES.map(whereIs).find((place) => place !== undefined);

/**
 * Opens a real browser, without a window: the Chromium or Chrome of this machine, which is installed first where it is missing,
 * as root on Debian.
 *
 * @throws SetupError if there is none, and none can be had
 */
export async function openBrowser(say: Say): Promise<Browser> {
  // Where programs are not found by the PATH, the browser is looked for where its installer puts it.
  if (!find() && ["darwin", "win32"].includes(process.platform)) return chromium.launch({ channel: "chrome" });
  if (!find()) await installPackages(["chromium", "fonts-inter"], HOW, say);
  const executablePath = find();
  if (!executablePath) throw new SetupError(HOW);
  // Chromium's sandbox refuses root.
  return chromium.launch({ executablePath, args: takesPackages() ? ["--no-sandbox"] : [] });
}

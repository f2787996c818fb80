// Runs before anything is installed, hence plain JavaScript without packages.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The oldest Node that can run this project. */
const NODE = [20, 19];

const folder = join(import.meta.dirname, "..");

/** The packages of a lock file by folder, or none where there is no such file. */
function locked(file) {
  try {
    return JSON.parse(readFileSync(join(folder, file), "utf8")).packages;
  } catch {
    return {};
  }
}

/** Whether node_modules holds what the lock file says. Packages for other machines are rightly missing. */
function upToDate() {
  const installed = locked("node_modules/.package-lock.json");
  return Object.entries(locked("package-lock.json")).every(
    ([path, { version, optional }]) =>
      path === "" || (installed[path] ? installed[path].version === version : optional === true),
  );
}

/** Installs the npm packages if they are missing or behind the lock file. Ends the process with a sentence if it cannot. */
export function ensureDependencies() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1])) {
    console.error(`Node ${process.versions.node} is too old: install Node ${NODE.join(".")} or newer.`);
    process.exit(1);
  }
  if (upToDate()) return;
  console.log("Installing npm packages (npm ci)");
  const started = Date.now();
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) {
    console.error("npm ci failed: see above; is the npm registry reachable? Then run the same command again.");
    process.exit(status ?? 1);
  }
  console.log(`Installed npm packages in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

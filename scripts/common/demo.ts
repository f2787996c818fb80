import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../engine/layout";
import { engineVariables } from "../engine/variables";

/** The demo's stack. */
export const STACK = "dev";

/** Where the demo's state is: in the repository's folder, ignored by git. */
const stateFolder = join(projectFolder, ".state");

/** The demo stack's config file. */
export const stackFile = join(projectFolder, `Pulumi.${STACK}.yaml`);

/** What `npm start` gives the demo's stack: the seed's pair, with the mended version waiting on blue. */
export const CONFIG: Record<string, string> = {
  activeColor: "green",
  image: "bluegreen-demo",
  "blue.tag": "v2.1",
  "blue.scale": "3",
  "green.tag": "v1",
  "green.scale": "3",
  "app.health.path": "/health",
  "app.readOnly": "true",
  "app.capDrop[0]": "ALL",
  "loadBalancer.port": "8080",
  "loadBalancer.stagingPort": "8081",
  "loadBalancer.metricsPort": "8404",
};

/**
 * What Pulumi needs for the demo's stack, without touching anybody's login: a backend of its own and a passphrase.
 * A passphrase that is set already stays.
 *
 * @param docker the variables by which Docker is found
 */
export function demoEnvironment(engineBin: string, docker: Record<string, string> = {}): Record<string, string> {
  if (!existsSync(stateFolder)) mkdirSync(stateFolder, { recursive: true });
  return {
    PATH: `${engineBin}:${process.env.PATH ?? ""}`,
    PULUMI_BACKEND_URL: `file://${stateFolder}`,
    PULUMI_CONFIG_PASSPHRASE: process.env.PULUMI_CONFIG_PASSPHRASE ?? "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...engineVariables(),
    ...docker,
  };
}

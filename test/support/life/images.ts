import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { execa } from "execa";
import { pack } from "tar-stream";
import { buildProxyImage } from "../proxyImage";

const TAGS = ["v1", "v2.1", "v3", "v4"];
const ROUTES = join(__dirname, "../../../images/demo/routes.mjs");

/** The demo as another application: it listens on port 8000, and only `/ready` tells its health. */
async function otherApplication(image: string, tag: string): Promise<void> {
  const archive = pack();
  archive.entry({ name: "routes.mjs" }, readFileSync(ROUTES, "utf8").replace('"/health"', '"/ready"'));
  archive.entry({ name: "Dockerfile" }, `FROM bluegreen-demo:${tag}\nCOPY routes.mjs /srv/demo/\nENV PORT=8000\n`);
  archive.finalize();
  await execa("docker", ["build", "-q", "-t", `${image}:${tag}`, "-"], { input: await buffer(archive) });
}

const imagesOf = (mark: string) => [
  ...TAGS.map((tag) => `bluegreen-life-${mark}:${tag}`),
  ...[`bluegreen-proxy:life-${mark}`, `bluegreen-proxy:dead-${mark}`],
];

/** Builds what a life may ask for besides the project's images. */
export async function makeImages(mark: string): Promise<void> {
  for (const tag of TAGS) await otherApplication(`bluegreen-life-${mark}`, tag);
  await buildProxyImage(`life-${mark}`, `LABEL life=${mark}`);
  await buildProxyImage(`dead-${mark}`, 'ENTRYPOINT ["sh", "-c", "echo this version cannot start >&2; exit 1"]');
}

/** Takes them away. */
export const removeImages = (mark: string) => execa("docker", ["rmi", "-f", ...imagesOf(mark)], { reject: false });

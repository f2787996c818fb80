import { execa } from "execa";
import { join } from "node:path";
import type { Demo } from "../common/stack";
import type { Lab } from "./lab";

const first = (text: string, pattern: RegExp) => pattern.exec(text)?.[1] ?? "?";

/** The versions of everything that is measured. */
export async function versionsOf(lab: Lab, demo: Demo, kamal: string | undefined): Promise<Record<string, string>> {
  const { Version } = await lab.docker.version();
  const said = (image: string, command: string) => lab.said(image, ["sh", "-c", `${command} 2>&1`]);
  const [haproxy, peers, pulumi] = await Promise.all([
    said("bluegreen-proxy:1", "haproxy -v"),
    said("bluegreen-bench:1", "nginx -v; caddy version; wrk -v"),
    execa(join(demo.bin, "pulumi"), ["version"]),
  ]);
  return {
    Docker: Version,
    HAProxy: first(haproxy, /version (\S+)/),
    nginx: first(peers, /nginx\/(\S+)/),
    Caddy: first(peers, /^v?(\d+\.\d+\.\S+)/m),
    wrk: first(peers, /wrk (?:debian\/)?(\S+)/),
    Pulumi: pulumi.stdout.trim().replace(/^v/, ""),
    Node: process.version.slice(1),
    ...(kamal && { "kamal-proxy": "as given" }),
  };
}

import { basename } from "node:path";
import type Docker from "dockerode";
import { readConfig } from "../plan/haproxy/read";
import { CONFIG_FILE, CONFIG_FOLDER, MAINTENANCE_FILE, SHARE_FILE, VERSIONED } from "../plan/haproxy/names";
import type { Observed } from "../plan/observed";
import { flagOf, mapValue } from "./answers";
import { whole } from "./cutOff";
import { put, run, type FoundContainer } from "./docker";
import type { VolumeFile } from "./files";

/** The volume that the proxies share, reached through one of them. */
export class Volume {
  constructor(
    private readonly docker: Docker,
    private readonly container: FoundContainer,
    private readonly site: string,
  ) {}

  /** What the files say that a proxy would start from. */
  async read(): Promise<Pick<Observed, "file" | "share" | "maintenance">> {
    const { out } = await this.shell(
      [CONFIG_FILE, SHARE_FILE, MAINTENANCE_FILE].map((file) => `cat ${file}; printf '\\036'`).join("; "),
    );
    const [config = "", shares = "", closed = ""] = whole(out, 3, this.container.name);
    return {
      file: readConfig(config, this.site),
      share: mapValue(shares, this.site),
      maintenance: flagOf(mapValue(closed, this.site)),
    };
  }

  /** Writes files of the shared volume, each beside the old one first. */
  async write(files: readonly VolumeFile[]): Promise<void> {
    await this.put(files);
    const { code, err } = await this.shell(renames(files));
    if (code !== 0)
      throw new Error(
        `${this.container.name} could not write ${files.map(({ name }) => name).join(", ")}: ${err.trim()}`,
      );
  }

  /**
   * Writes the configuration if HAProxy would start with it, and what it names. Versioned files that it does not name go.
   * @returns otherwise why not
   */
  async writeConfig(text: string, beside: readonly VolumeFile[]): Promise<string | undefined> {
    const config = { name: basename(CONFIG_FILE), body: text };
    await this.put([...beside, config]);
    const kept = beside.map(({ name }) => name).join("|");
    const forget = `for file in ${VERSIONED}*; do case $file in ${kept}) ;; *) rm -f "$file" ;; esac; done`;
    const script = [renames(beside), `check ${config.name}.new`, renames([config]), forget].join(" && ");
    const { code, out, err } = await this.shell(script);
    return code === 0 ? undefined : `${out}${err}`.trim() || `check ended with ${code}`;
  }

  private put = (files: readonly VolumeFile[]) =>
    put(
      this.docker,
      this.container.id,
      CONFIG_FOLDER,
      Object.fromEntries(files.map(({ name, body }) => [`${name}.new`, body])),
    );

  private shell(script: string) {
    return run(this.docker, this.container.id, ["sh", "-c", script]);
  }
}

/**
 * In the proxies' working folder, which is that of the volume. The texts are on the disk before the names are, and the
 * names before anything is told as done, so that a power cut brings back one of both, whole.
 */
const renames = (files: readonly VolumeFile[]) =>
  [
    `sync ${files.map(({ name }) => `${name}.new`).join(" ")}`,
    ...files.map(({ name }) => `mv -f ${name}.new ${name}`),
    "sync .",
  ].join(" && ");

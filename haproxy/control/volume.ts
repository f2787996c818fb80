import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import type Docker from "dockerode";
import { readConfig } from "../config/read";
import {
  CONFIG_FILE,
  CONFIG_FOLDER,
  MAINTENANCE_FILE,
  PROXY_UID,
  RECORD_FILES,
  SHARE_FILE,
  TURN_FILE,
  VERSIONED,
} from "../config/names";
import type { Observed } from "../../model/observed";
import { recordOf, type Refusal, type RolloutProgress } from "../../model/progress";
import { turnOf } from "../../model/turn";
import { flagOf, mapValue, stampOf } from "./answers";
import { completeAnswers } from "./truncated";
import { upload, exec, type FoundContainer } from "../../docker/containers";
import type { VolumeFile } from "./files";
import { Overtaken } from "../../routing/executor/balancer";

/** How {@link WRITE_LINE} ends where it is another's turn. */
const NOT_OURS = 75;

/**
 * Arguments: the file, its line or lines, a name beside it, and whose turn it must be or nothing. The look and the renaming are one
 * command, since whoever was overtaken must change nothing. It is `cat` that writes: of a full disk dash says `I/O error`.
 */
export const WRITE_LINE = `if [ -n "$4" ]; then read -r id rest < ${basename(TURN_FILE)}; [ "$id" = "$4" ] || exit ${NOT_OURS}; fi
printf '%s\\n' "$2" | cat > "$3" && sync "$3" && mv -f "$3" "$1" && sync . || { rm -f "$3"; exit 1; }`;

/** What a map's file says: a value, and when it was written where that is told, without the end of its last line. */
export const mapText = (key: string, value: number, stamp?: number): string =>
  `${key} ${value}${stamp === undefined ? "" : `\nat ${stamp}`}`;

/** What is read at each look. */
export const FILES = [CONFIG_FILE, SHARE_FILE, MAINTENANCE_FILE, TURN_FILE, ...RECORD_FILES];

/** Prints them, a separator behind each. */
export const READ_FILES = FILES.map((file) => `cat ${file}; printf '\\036'`).join("; ");

/** What the files say that a proxy would start from. */
export type Files = Omit<Observed, "proxies">;

/** What {@link READ_FILES} printed, file by file. */
export function filesIn(printed: readonly string[], site: string): Files {
  const [config = "", shares = "", closed = "", turn = "", ...records] = printed;
  const [share, maintenance] = [stampOf(shares), stampOf(closed)];
  const stamps = { ...(share && { share }), ...(maintenance && { maintenance }) };
  const [rollout, refusal] = [recordOf<RolloutProgress>(records[0] ?? ""), recordOf<Refusal>(records[1] ?? "")];
  return {
    file: readConfig(config, site),
    share: mapValue(shares, site),
    maintenance: flagOf(mapValue(closed, site)),
    ...(Object.keys(stamps).length > 0 && { stamps }),
    turn: turnOf(turn),
    ...(rollout && { rollout }),
    ...(refusal && { refusal }),
  };
}

/** The volume that the proxies share, reached through one of them. */
export class Volume {
  constructor(
    private readonly docker: Docker,
    private readonly container: FoundContainer,
    private readonly site: string,
  ) {}

  async read(): Promise<Files> {
    const { out } = await this.shell(READ_FILES);
    return filesIn(completeAnswers(out, FILES.length, this.container.name), this.site);
  }

  /**
   * Writes a file of one line, at once or not at all.
   *
   * @param turn whose turn it must be
   * @throws Overtaken if it is another's
   */
  async writeLine(name: string, line: string, turn = ""): Promise<void> {
    const beside = `${name}.${randomBytes(4).toString("hex")}`; // two may write at once
    const command = ["sh", "-c", WRITE_LINE, "sh", name, line, beside, turn];
    const { code, err } = await exec(this.docker, this.container.id, command);
    if (code === NOT_OURS) throw new Overtaken((await this.read()).turn);
    if (code !== 0) throw new Error(`${this.container.name} could not write ${name}: ${err.trim()}`);
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
    upload(
      this.docker,
      this.container.id,
      CONFIG_FOLDER,
      Object.fromEntries(files.map(({ name, body }) => [`${name}.new`, body])),
      PROXY_UID,
    );

  private shell(script: string) {
    return exec(this.docker, this.container.id, ["sh", "-c", script]);
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

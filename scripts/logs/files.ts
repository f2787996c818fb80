import type Docker from "dockerode";
import { LOG_FOLDER, REQUEST_LOG } from "../../haproxy/config/names";
import { exec } from "../../docker/containers";

/** A proxy's folder has its host name, which Docker makes from its id. */
const folderOf = (id: string) => `${LOG_FOLDER}/${id.slice(0, 12)}`;

/** Between the parts of an answer: JSON has none in it. */
const BREAK = "\x1e";

/**
 * What came into a proxy's newest file since a look at it: which file it is, its size now, what the one before it got
 * after that look where it was rotated since, and its own new lines. $1 is the folder, $2 the file of then, $3 its size;
 * without $2 only the first two.
 */
const NEW_LINES = `cd "$1" 2>/dev/null && exec 3< ${REQUEST_LOG} || exit 0
number=$(stat -Lc %i /dev/fd/3) size=$(stat -Lc %s /dev/fd/3) from=0
printf '%s\\036%s\\036' "$number" "$size"
[ -n "$2" ] || exit 0
if [ "$2" = "$number" ]; then from=$3; elif [ "$(stat -c %i ${REQUEST_LOG}.1)" = "$2" ]; then tail -c +$(($3 + 1)) ${REQUEST_LOG}.1; fi
printf '\\036'
tail -c +$((from + 1)) <&3 | head -c $((size - from))`;

/** The last $2 lines of each proxy whose folder is in $1, gone ones too, from its oldest file to its newest. */
const LAST_LINES = `for folder in "$1"/*/; do
  cd "$folder" 2>/dev/null || continue
  cat $(ls ${REQUEST_LOG}* 2>/dev/null | sort -t . -k 3,3nr) < /dev/null | tail -n "$2"
done`;

/** Tells what the proxies write into their files, each from the moment at which it is first named. */
export class FileTails {
  private readonly seen = new Map<string, { file: string; size: string }>();

  constructor(
    private readonly docker: Docker,
    private readonly heard: (line: string) => void,
  ) {}

  /** Tells what came since the last call from these containers; a proxy that has just stopped tells nothing. */
  async follow(ids: readonly string[]): Promise<void> {
    const read = (id: string) =>
      this.read(id).catch((error: unknown) => {
        if ((error as { statusCode?: number }).statusCode === undefined) throw error;
      });
    await Promise.all(ids.map(read));
  }

  /** Nothing stays open. */
  close(): void {
    this.seen.clear();
  }

  private async read(id: string): Promise<void> {
    const before = this.seen.get(id);
    const command = ["sh", "-c", NEW_LINES, "sh", folderOf(id), before?.file ?? "", before?.size ?? ""];
    const { out } = await exec(this.docker, id, command);
    const [file = "", size = "0", rest = "", lines = ""] = out.split(BREAK);
    // A proxy that has no file yet tells all of it once it has.
    this.seen.set(id, file === "" ? { file: "none", size: "0" } : { file, size });
    for (const line of `${rest}${lines}`.split("\n")) if (line !== "") this.heard(line);
  }
}

/** The last lines of the files of all proxies of a load balancer, read through one of them; of gone ones too. */
export async function lastInFiles(docker: Docker, id: string, count: number): Promise<string[]> {
  const { out } = await exec(docker, id, ["sh", "-c", LAST_LINES, "sh", LOG_FOLDER, String(count)]);
  return out.split("\n").filter((line) => line !== "");
}

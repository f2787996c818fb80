import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/common/freePort";
import { whereIs } from "../../scripts/common/packages";
import { unpacked } from "./debian";
import { until } from "./stack";

/** A series of an answer: its labels, and its values with their times in seconds. */
export interface Series {
  metric: Record<string, string>;
  values: [number, string][];
}

/** Debian's Prometheus, on a port of loopback, with a config of one's own. */
export class TestPrometheus {
  private readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-prometheus-"));
  private process: ChildProcess | undefined;
  private port = 0;

  /** @param config its whole config; JSON is YAML */
  async start(config: object): Promise<this> {
    this.port = await freePort();
    const program = whereIs("prometheus") ?? (await unpacked("prometheus", this.folder));
    const file = join(this.folder, "prometheus.yml");
    writeFileSync(file, JSON.stringify(config));
    const options = [`--config.file=${file}`, `--storage.tsdb.path=${join(this.folder, "data")}`];
    const listen = `--web.listen-address=127.0.0.1:${this.port}`;
    this.process = spawn(program, [...options, listen, "--log.level=error"], { stdio: "inherit" });
    await until(
      () =>
        fetch(`http://127.0.0.1:${this.port}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        ),
      30_000,
    );
    return this;
  }

  /**
   * What a query gave in the last so many seconds.
   *
   * @throws Error with Prometheus's words if it does not understand the query
   */
  async range(query: string, seconds: number, step = 1): Promise<Series[]> {
    const end = Date.now() / 1_000;
    const asked = new URLSearchParams({ query, start: String(end - seconds), end: String(end), step: String(step) });
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/query_range?${asked}`);
    const { status, error, data } = (await answer.json()) as {
      status: string;
      error?: string;
      data: { result: Series[] };
    };
    if (status !== "success") throw new Error(`${query}: ${error}`);
    return data.result;
  }

  async stop(): Promise<void> {
    const ended = this.process && new Promise((resolve) => this.process!.once("exit", resolve));
    this.process?.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

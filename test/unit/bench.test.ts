import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cpuOf, dockerProcesses } from "../../scripts/bench/cpu";
import { against, pageOf, plotsOf } from "../../scripts/bench/page";
import { barPlot, shown } from "../../scripts/bench/plot";
import { readResults } from "../../scripts/bench/results";
import { ratios, spreadOf } from "../../scripts/bench/spread";
import type { Figures } from "../../scripts/bench/throughput";
import { parseWrk } from "../../scripts/bench/wrk";

const REPORT = `Running 4s test @ http://172.20.0.4:8080/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     5.18ms    6.33ms  98.52ms   88.51%
    Req/Sec     8.70k     1.20k   11.01k    75.00%
  Latency Distribution
     50%    2.95ms
     75%    6.61ms
     90%   12.31ms
     99%    1.02s
  34672 requests in 4.00s, 12.10MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 40
Requests/sec:   8661.75
Transfer/sec:      3.02MB
`;

const exactly = (middle: number) => ({ middle, least: middle, most: middle });
const figures = (name: string, cost: number, p99: number, memory: number): Figures => ({
  ...{ name, memory, failed: 0, perSecond: exactly(1), p99: exactly(p99), ratio: exactly(1) },
  ...{ proxy: exactly(cost - 1), docker: exactly(1) },
});
const around = { date: "2026-01-02T03:04:05Z", machine: "2 × X", versions: { wrk: "4" }, effort: "2 rounds", busy: 1 };

describe("the bench", () => {
  it("reads what wrk prints, in its units, and counts all that failed", () => {
    assert.deepEqual(parseWrk(REPORT), {
      ...{ requests: 34_672, seconds: 4, perSecond: 8_661.75, p50: 2.95, p99: 1_020, failed: 43 },
    });
    assert.equal(parseWrk(REPORT.replace("1.02s", "870.00us")).p99, 0.87);
    assert.equal(parseWrk(REPORT.replace(/ {2}Socket.*\n.*\n/, "")).failed, 0);
    assert.throws(() => parseWrk("unable to connect to 1.2.3.4:80 Connection refused\n"), /Connection refused/);
  });

  it("tells a median with its spread, and ratios round by round", () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { middle: 2, least: 1, most: 3 });
    assert.deepEqual(spreadOf([4, 1, 2, 3]), { middle: 2.5, least: 1, most: 4 });
    assert.ok(Number.isNaN(spreadOf([]).middle));
    // A round that was disturbed disturbs no ratio, where the medians would say 1.5.
    assert.deepEqual(ratios([2, 20, 4], [1, 10, 2]), exactly(2));
    assert.deepEqual(ratios([2, 4], [1]), exactly(2));
  });

  it("draws a bar for each figure that there is, with what a file of that kind may not hold escaped", () => {
    const bars = [
      { label: "ours & <others>", figure: { middle: 50, least: 40, most: 100 }, own: true },
      { label: "half", figure: exactly(25), own: false },
      { label: "none", figure: spreadOf([]), own: false },
    ];
    const svg = barPlot("Title", "µs", bars);
    const widths = [...svg.matchAll(/width="([\d.]+)" height="18"/g)].map(([, width]) => Number(width));
    assert.equal(widths.length, 2);
    assert.equal(widths[0], widths[1]! * 2);
    assert.ok(svg.includes("ours &amp; &lt;others>") && !svg.includes("NaN"), svg);
    assert.deepEqual([shown(1_234.5), shown(12.34), shown(1.234), shown(NaN)], ["1,235", "12.3", "1.23", "–"]);
  });

  it("says what a peer is better at, and nothing where it is not", () => {
    const own = figures("ours by default", 50, 10, 20);
    const told = against({
      throughput: { ...around, figures: [own, figures("a", 25, 20, 10), figures("b", 60, 12, 30)] },
    });
    assert.deepEqual(told, [
      "a takes 0.50 of our CPU time for a request, needs 10 MB where we need 20 (ours by default).",
    ]);
    const paced = (one: Figures, p99: number): Figures => ({ ...one, paced: exactly(p99) });
    const quick = [paced(own, 4), paced(figures("a", 60, 5, 30), 3), paced(figures("b", 60, 20, 30), 1)];
    assert.deepEqual(against({ throughput: { ...around, figures: quick } }), [
      "a has 0.50 of our p99, has 0.75 of our p99 at 2,000/s (ours by default).",
      "b has 0.25 of our p99 at 2,000/s (ours by default).",
    ]);
  });

  it("knows Docker's processes and what a cgroup used, on this machine", () => {
    if (process.platform !== "linux") return; // the bench runs where Docker's processes are
    assert.ok(cpuOf(process.pid) > 0);
    for (const pid of dockerProcesses("/var/run/docker.sock", []))
      assert.match(readFileSync(`/proc/${pid}/comm`, "utf8"), /^(dockerd|containerd)/);
  });

  it("has written the page and its plots from the figures that are beside them", () => {
    const docs = join(__dirname, "../../docs");
    const results = readResults();
    assert.equal(readFileSync(join(docs, "figures.md"), "utf8"), pageOf(results));
    for (const [name, svg] of Object.entries(plotsOf(results)))
      assert.equal(readFileSync(join(docs, "figures", `${name}.svg`), "utf8"), svg, name);
    for (const [, name] of pageOf(results).matchAll(/\]\(figures\/(\S+)\)/g))
      assert.ok(existsSync(join(docs, "figures", name!)), name);
  });
});

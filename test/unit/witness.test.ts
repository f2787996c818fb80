import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { unwrapped, stackOption, StackState, type Deployed } from "../../scripts/common/deployed";
import { chartOf } from "../../scripts/witness/chart";
import { productionIn, startProbing, unseen } from "../../scripts/witness/production";
import { Report } from "../../scripts/witness/report";
import { RequestLog, type Entry } from "../../scripts/witness/requestLog";
import { verdictOf, type Watched } from "../../scripts/witness/verdict";

/** A report about GETs that are good, but for what is given; `endedAt` 6000. */
function reportOn(entries: Partial<Entry>[]): Report {
  const tally = new RequestLog();
  const good = { kind: "keepAlive", method: "GET", answeredAt: 0, status: 200, error: undefined } as const;
  for (const entry of entries)
    tally.add({ ...good, color: "blue", sentAt: 0, ...entry, answeredAt: (entry.sentAt ?? 0) + 1 });
  return new Report(tally, { startedAt: 0, endedAt: 6_000, requireColor: false, redirects: true });
}

const at = (sentAt: number, color: string, status = 200) => ({ sentAt, color, status });
const WATCHED: Watched = { before: "green", after: "blue", began: 0, ended: 5_000 };

describe("witness: the verdict", () => {
  it("is one line about a switch, and a chart", () => {
    const { text, bad } = verdictOf(reportOn([at(100, "green"), at(3_000, "green"), at(3_210, "blue")]), WATCHED);
    const [line, ...chart] = text.split("\n");
    assert.equal(
      line,
      "witness: 3 sent, 0 failed; last answer of green after 3.00 s, first of blue after 3.21 s (up took 5.00 s)",
    );
    assert.equal(chart.length, 7);
    assert.equal(bad, false);
  });

  it("says who answered, without a chart, where the share did not change", () => {
    const report = reportOn([at(0, "green"), at(1_000, "green")]);
    const { text, bad } = verdictOf(report, { ...WATCHED, after: "green" });
    assert.equal(text, "witness: 2 sent, 0 failed; green answered all of them (up took 5.00 s)");
    assert.equal(bad, false);
  });

  it("counts both colors where both are live", () => {
    const report = reportOn([at(0, "green"), at(1_000, "green"), at(2_000, "blue")]);
    const { text } = verdictOf(report, { ...WATCHED, after: "both" });
    assert.match(text, /^witness: 3 sent, 0 failed; green answered 2, blue answered 1 \(/);
  });

  it("is bad if a request failed, and tells the causes", () => {
    const { text, bad } = verdictOf(reportOn([at(0, "green"), at(1_000, "green", 503)]), WATCHED);
    assert.equal(bad, true);
    assert.match(text, /2 sent, 1 failed[\s\S]*^ {2}1 × 503$/m);
  });

  it("is bad if the old color answered a request that was sent after the end, and not if one sent before", () => {
    const switched = [at(0, "green"), at(4_999, "green"), at(4_000, "blue")];
    assert.equal(verdictOf(reportOn(switched), WATCHED).bad, false);
    const { text, bad } = verdictOf(reportOn([...switched, at(5_001, "green")]), WATCHED);
    assert.equal(bad, true);
    assert.match(text, /1 answered by green though sent after the end/);
    const failed = { ...WATCHED, after: undefined };
    assert.equal(verdictOf(reportOn([...switched, at(5_001, "green")]), failed).bad, false);
  });

  it("is bad if nothing was sent, and says so if no answer named its color", () => {
    assert.equal(verdictOf(reportOn([]), WATCHED).bad, true);
    const { text, bad } = verdictOf(reportOn([{ sentAt: 1, color: undefined }]), WATCHED);
    assert.match(text, /no answer named its color/);
    assert.equal(bad, false);
  });
});

describe("witness: the chart", () => {
  it("draws blue's share over time, and bridges slices without an answer", () => {
    const entries = [at(0, "green"), at(1_000, "green"), at(3_000, "blue"), at(5_900, "blue")];
    assert.equal(
      chartOf(reportOn(entries)),
      [
        "  blue's share of the answers",
        "  100 % ┼           ╭───────────",
        "   75 % ┤           │",
        "   50 % ┤           │",
        "   25 % ┤           │",
        "    0 % ┼───────────╯",
        "        0 s                6.0 s",
      ].join("\n"),
    );
  });

  it("is left out where one color answered everything", () => {
    assert.equal(chartOf(reportOn([at(0, "green"), { sentAt: 1, color: undefined }])), undefined);
  });
});

describe("witness: its probes", () => {
  it("are GETs at a bounded rate, and take a redirect as a good answer", async () => {
    const seen = new Set<string>();
    const server = http.createServer((request, response) => {
      seen.add(`${request.method} ${request.url} ${String(request.headers["x-bluegreen-reveal"])}`);
      response.writeHead(302, { "X-Side": "green", location: "/login" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const load = startProbing({ url, colorHeader: "X-Side" }, "/shop?a=b");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const report = await load.stop();
    server.close();
    assert.ok(report.sent >= 10 && report.sent <= 26, `${report.sent} in a second`);
    assert.deepEqual([...seen], ["GET /shop?a=b undefined"]);
    assert.deepEqual([report.failed, report.byColor], [0, { green: report.sent }]);
  });
});

describe("witness: a site that does not name its colors", () => {
  it("is asked for them with the stack's key", async () => {
    const server = http.createServer((request, response) => {
      const known = request.headers["x-bluegreen-reveal"] === "secret";
      response.writeHead(200, known ? { "X-Bluegreen-Color": "blue" } : {}).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const load = startProbing({ url, colorHeader: false, key: "secret" });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { sent, byColor } = await load.stop();
    server.close();
    assert.deepEqual(byColor, { blue: sent });
  });
});

describe("witness: the stack", () => {
  const root = (outputs: object): Deployed => ({
    ...{ urn: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", type: "pulumi:pulumi:Stack" },
    outputs: outputs as Record<string, unknown>,
  });
  const routing: Deployed = {
    ...{ urn: "urn:pulumi:s::p::bluegreen:index:Routing::web", type: "bluegreen:index:Routing" },
    inputs: {
      settings: { colorHeader: false, hosts: ["*.shop.test"] },
      holders: [{ listener: "production", container: "x", bind: "0.0.0.0", port: 8080 }],
    },
  };

  it("has a production once it serves", () => {
    const outputs = { productionUrl: "http://localhost", activeColor: "green" };
    assert.equal(productionIn(new StackState([])), undefined);
    assert.equal(productionIn(new StackState([root(outputs)])), undefined);
    assert.deepEqual(productionIn(new StackState([root(outputs), routing])), {
      ...{ url: "http://localhost:8080", host: "www.shop.test", activeColor: "green", colorHeader: false },
    });
  });

  it("is asked with its key on this machine alone, never by TLS, and only where answers name no color", () => {
    const outputs = { productionUrl: "http://localhost", activeColor: "green", previewKey: "secret" };
    const production = (more: object, listener = "production") =>
      productionIn(
        new StackState([
          root(outputs),
          { ...routing, inputs: { ...routing.inputs, ...more, holders: [{ listener, bind: "0.0.0.0", port: 8080 }] } },
        ]),
      )!;
    assert.equal(production({}).key, "secret");
    assert.equal(unseen(production({})), undefined);
    const named = production({ settings: { colorHeader: "X-Color" } });
    assert.deepEqual([named.key, unseen(named)], [undefined, undefined]);
    for (const elsewhere of [production({}, "https"), production({ dockerHost: "ssh://me@edge" })]) {
      assert.equal(elsewhere.key, undefined);
      assert.match(unseen(elsewhere)!, /the preview key, which asks for it, is sent only to the stack's own port/);
    }
  });

  it("has its output's address where an earlier version made it", () => {
    const outputs = { productionUrl: "http://localhost", activeColor: "green" };
    const earlier = { ...routing, inputs: { settings: { colorHeader: false } } };
    assert.deepEqual(productionIn(new StackState([root(outputs), earlier])), {
      ...{ url: "http://localhost", activeColor: "green", colorHeader: false },
    });
  });

  it("unwraps secrets at any depth", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"key"' };
    assert.deepEqual(unwrapped({ a: [secret], b: 1 }), { a: ["key"], b: 1 });
    assert.deepEqual(
      unwrapped({ a: secret }, (inner) => [inner]),
      { a: ["key"] },
    );
  });

  it("is named by the arguments in all of Pulumi's ways", () => {
    assert.deepEqual(stackOption(["--yes", "--stack", "prod", "-f"]), ["--stack", "prod"]);
    assert.deepEqual(stackOption(["-s", "prod"]), ["-s", "prod"]);
    assert.deepEqual(stackOption(["--stack=prod", "--yes"]), ["--stack=prod"]);
    assert.deepEqual(stackOption(["--stacked", "--stack=prod"]), ["--stack=prod"]);
    assert.deepEqual(stackOption(["--yes", "--suppress-outputs"]), []);
  });
});

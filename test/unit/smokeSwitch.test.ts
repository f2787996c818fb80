import assert from "node:assert/strict";
import { apply } from "../../routing/executor/apply";
import { labSettings, ProxyLab } from "../support/proxyLab";

const base = { hosts: ["shop.test"], tls: { selfSigned: true, redirect: true }, stickyReplica: true };
const config = (color: string, ...requests: object[]) => ({ ...base, activeColor: color, gate: { requests } });

describe("a switch with smoke requests, on a real HAProxy", function () {
  this.timeout(120_000);
  const lab = new ProxyLab();
  before(() => lab.start({ ...base, activeColor: "green" }));
  after(() => lab.stop());

  async function switchTo(color: string, ...requests: object[]) {
    const logged: string[] = [];
    const [quiet, log] = [() => undefined, (line: string) => void logged.push(line)];
    const progress = { show: quiet, warn: log, log, throwIfStopped: quiet };
    const before = lab.inputs(labSettings({ ...base, activeColor: "green" }));
    const error = await apply(lab.balancer(), lab.inputs(labSettings(config(color, ...requests))), progress, {
      before,
    }).catch((error: Error) => error);
    const { share, proxies } = await lab.balancer().observe();
    return {
      logged,
      error: error as Error | undefined,
      shares: [share, proxies[0]!.workers.find(({ old }) => !old)?.share],
    };
  }

  it("leaves the traffic where it is as long as the replica does not answer as told", async () => {
    for (const [request, got] of [
      [
        { path: "/x", body: "no such words" },
        /expected: body with "no such words"\n {4}got: body of \d+ bytes: GET \/x HTTP/,
      ],
      [{ path: "/hold", within: "1s" }, /got: no whole answer within 1 s/],
      [{ path: "/close" }, /got: it closed the connection before its answer/],
      [{ path: "/x", status: "418" }, /expected: status 418\n {4}got: status 200/],
    ] as const) {
      const { error, shares } = await switchTo("blue", { path: "/" }, { ...request, tries: 1 });
      assert.match(
        error?.message ?? "",
        /^1 of 1 replica did not answer as gate\.requests says:\n {2}lab-\w+-blue: GET \/\w+ /,
      );
      assert.match(error!.message, got);
      assert.match(error!.message, /the traffic is where it was: green 100 %, 1 of 1 healthy$/);
      assert.deepEqual(shares, [0, 0]);
    }
  });

  it("moves it as soon as the replica does, which sees a visitor of the site by TLS", async () => {
    const body = "/host: shop\\.test[^]*x-forwarded-proto: https/";
    const { error, shares, logged } = await switchTo("blue", { path: "/x", body }, { path: "/", method: "POST" });
    assert.equal(error, undefined, String(error));
    assert.deepEqual(shares, [10_000, 10_000]);
    assert.deepEqual(logged, ["gate.requests: 1 replica answered 2 requests", "traffic: blue 100 %"]);
  });
});

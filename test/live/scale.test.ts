import assert from "node:assert/strict";
import { execa } from "execa";
import { assertClean, once, startLoad } from "../support/load";
import { buildProxyImage, removeImages } from "../support/proxyImage";
import { TestStack } from "../support/stack";

/** `LONG=1` tries the whole of what a scale may be. The short one is beyond what fits one page of metrics. */
const LONG = process.env["LONG"] === "1";
const SCALE = LONG ? 200 : 34;
/** Hundreds of checks and of containers that start take a share of the machine. */
const LOAD = { keepAlive: 4, fresh: 2, idle: 2, paceMs: 50, maxSeconds: 3_600, maxRequests: 1_000_000 };

/** An application light enough to be there hundreds of times: HAProxy that answers by itself, and stops gracefully. */
const application = (version: string) => `
USER 0
RUN printf '%s\\n' defaults ' mode http' ' timeout client 60s' ' timeout http-keep-alive 60s' 'frontend all' ' bind :80' \
  ' http-request return status 200 content-type text/plain string "${version}"' > /etc/answer.cfg
ENTRYPOINT ["haproxy", "-f", "/etc/answer.cfg"]
STOPSIGNAL SIGUSR1`;

describe(`a scale of 0 and of ${SCALE}`, function () {
  this.timeout(3_600_000);
  let stack: TestStack;
  let images: string[];

  const answer = async () => (await once(stack.production)).body;
  const names = async () =>
    (await stack.docker.listContainers({ all: true }))
      .filter(({ Labels }) => Labels["bluegreen.stack"] === stack.name && Labels["bluegreen.color"])
      .map(({ Labels }) => Labels["bluegreen.color"]);
  const took = async (what: string, act: () => Promise<unknown>) => {
    const began = performance.now();
    await act();
    console.log(`      ${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  };

  // What the preview of so many replicas asks for.
  const ROOM = ["net.ipv4.neigh.default.gc_thresh2", "net.ipv4.neigh.default.gc_thresh3"];
  let room: string[] = [];

  before(async () => {
    if (LONG) {
      room = (await execa("sysctl", ["-n", ...ROOM])).stdout.split("\n");
      await execa("sysctl", ["-w", `${ROOM[0]}=2048`, `${ROOM[1]}=4096`]);
    }
    stack = await TestStack.create();
    images = await Promise.all(
      ["one", "two"].map((name) => buildProxyImage(`${stack.name}-${name}`, application(name))),
    );
    await stack.setAll({
      ...{ image: "bluegreen-proxy", "blue.tag": `${stack.name}-one`, "green.tag": `${stack.name}-one` },
      ...{ "blue.scale": "0", "green.scale": String(SCALE), "app.memory": "64m", "gate.timeout": "5m" },
    });
  });
  after(async () => {
    await stack.remove();
    await removeImages(...images);
    if (LONG) await execa("sysctl", ["-w", ...ROOM.map((name, index) => `${name}=${room[index]}`)]);
  });

  it("starts", async () => {
    await took(`first up with 0 + ${SCALE}`, () => stack.up());
    assert.equal(await answer(), "one");
    await took("as many of the other color", () => stack.up({ "blue.scale": String(SCALE) }));
    await took("preview", () => stack.must(["preview"]));
  });

  it("replaces every replica of the live color without a failed request", async () => {
    const load = startLoad(stack.production, LOAD);
    await took(`${SCALE} live replicas replaced`, () => stack.up({ "green.tag": `${stack.name}-two` }));
    const report = await load.stop();
    assertClean(report);
    console.log(`      ${String(report)}`);
    assert.equal(await answer(), "two");
    assert.equal((await names()).length, 2 * SCALE);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("switches, and names each replica in the metrics", async () => {
    const load = startLoad(stack.production, LOAD);
    await took("switch", () => stack.up({ activeColor: "blue" }));
    assertClean(await load.stop());
    assert.equal(await answer(), "one");
    const [url] = (await stack.outputs())["metricsUrls"] as string[];
    const { out } = await stack.must(["stack", "output", "metricsPassword", "--show-secrets", "--stack", stack.name]);
    const authorization = `Basic ${Buffer.from(`metrics:${out.trim()}`).toString("base64")}`;
    const page = async (path: string) => (await once(`${url}${path}`, { headers: { authorization } })).body;
    const pages = Number(/Pages: (\d+)\./.exec(await page("/replicas"))?.[1]);
    const all: string[] = [];
    for (let number = 1; number <= pages; number++) all.push(await page(`/replicas${number > 1 ? `/${number}` : ""}`));
    const replicas = all.join("").match(/replica="[a-z][^"]+"\} 1/g) ?? [];
    assert.equal(new Set(replicas).size, 2 * SCALE);
  });

  it("goes back to a few of one color, and none of the other", async () => {
    const load = startLoad(stack.production, LOAD);
    await took("down to 2 + 0", () => stack.up({ "blue.scale": "2", "green.scale": "0" }));
    assertClean(await load.stop());
    assert.equal((await names()).length, 2);
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });
});

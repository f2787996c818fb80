import assert from "node:assert/strict";
import { perColor } from "../../model/color";
import { currentWorker } from "../../model/observed";
import type { SmokeRequest } from "../../model/rollout";
import { plan } from "../../plan/plan";
import type { RoutingInputs } from "../../plan/routing";
import { apply, type How } from "../../routing/executor/apply";
import type { ReplicaAnswer, ReplicaRequest } from "../../routing/executor/balancer";
import { lacksOf } from "../../routing/executor/smokeVerdict";
import { shownText } from "../../routing/executor/smokeSecrets";
import { newTurn } from "../../routing/executor/turn";
import { Interrupted } from "../../routing/executor/wait";
import { settingsOf } from "../../settings/settings";
import { MemoryBalancer } from "../support/memoryBalancer";

/** Inputs of a stack with three replicas of each color; `version` names blue's. */
function inputsOf(config: Record<string, unknown>, share = 10_000, version = "new"): RoutingInputs {
  const color = { tag: "v1", scale: 3 };
  const settings = settingsOf({ activeColor: "green", image: "shop", blue: color, green: color, ...config }, new Set());
  assert.ok(!("faults" in settings), "message" in settings ? settings.message : "");
  return {
    ...plan(settings).routing,
    ...{ share, proxies: ["p1", "p2"], loadBalancer: "lb", previewKey: "k", metricsPassword: "p", holders: [] },
    replicas: perColor((color) => [1, 2, 3].map((number) => `${color}-${number}${color === "blue" ? version : ""}`)),
    ...{ networks: { blue: "", green: "" }, images: { blue: "b", green: "g" }, gateTimeout: -1, drainTimeout: -1 },
  };
}

const REQUESTS = [
  { path: "/logo.svg", tries: 1 },
  { path: "/", body: "Welcome", tries: 2 },
];
const asks = (requests: unknown = REQUESTS, more = {}) => inputsOf({ gate: { requests }, ...more });

/** A load balancer that gives all to green, on the way to blue. */
async function scene(to: RoutingInputs) {
  const before = { ...inputsOf({}, 0, "old"), settings: to.settings };
  const first = new MemoryBalancer({ proxies: [] }, before, () => true);
  const quiet = { show: () => undefined, warn: () => undefined, throwIfStopped: () => undefined };
  await apply(first, before, { ...quiet, log: () => undefined });
  const balancer = new MemoryBalancer(await first.observe(), to, () => true);
  const logged: string[] = [];
  const go = (how: How = {}, throwIfStopped: () => void = () => undefined) =>
    apply(balancer, to, { ...quiet, throwIfStopped, log: (line) => void logged.push(line) }, { before, ...how });
  return { balancer, go, logged, before };
}

const well = (_: string, { path }: ReplicaRequest): Partial<ReplicaAnswer> =>
  path === "/" ? { body: "Welcome to the shop", bytes: 19 } : {};

describe("smoke requests", function () {
  this.timeout(20_000);
  const shares = ({ state }: MemoryBalancer) => [
    state.share,
    ...state.proxies.map((proxy) => currentWorker(proxy)?.share),
  ];

  it("are sent once to each replica that gets traffic, in their order, and the traffic moves then", async () => {
    const { balancer, go, logged } = await scene(asks());
    balancer.answer = well;
    await go();
    assert.deepEqual(shares(balancer), [10_000, 10_000, 10_000]);
    for (const name of ["blue-1new", "blue-2new", "blue-3new"])
      assert.deepEqual(
        balancer.sent.filter((one) => one.startsWith(name)),
        [`${name} /logo.svg`, `${name} /`],
      );
    assert.equal(balancer.sent.length, 6);
    assert.ok(logged.includes("gate.requests: 3 replicas answered 2 requests"), logged.join());
  });

  it("are none where config has none, and none in a rollback", async () => {
    const plain = await scene(inputsOf({}));
    await plain.go();
    const back = await scene(asks());
    back.balancer.answer = () => ({ status: 500 });
    await back.go({ turn: newTurn("rollback", 10_000) });
    assert.deepEqual([plain.balancer.sent, back.balancer.sent], [[], []]);
    assert.deepEqual(shares(back.balancer), [10_000, 10_000, 10_000]);
  });

  it("are not sent again to who has answered in this update, nor to who is excused", async () => {
    const { balancer, go } = await scene(asks());
    balancer.answer = well;
    await go({ asked: new Set(["blue-1new"]), excused: ["blue-3new"] });
    assert.deepEqual(balancer.sent, ["blue-2new /logo.svg", "blue-2new /"]);
  });

  it("tell who has answered, for what comes later in the update", async () => {
    const { go, balancer } = await scene(asks());
    balancer.answer = well;
    const asked = new Set<string>();
    await go({ asked });
    assert.deepEqual([...asked].sort(), ["blue-1new", "blue-2new", "blue-3new"]);
  });

  it("keep the traffic where it is, and show what came instead of what", async () => {
    const { balancer, go } = await scene(asks());
    balancer.answer = (name, request) =>
      name === "blue-2new" && request.path === "/logo.svg"
        ? { status: 404, body: "there is\n no such page\x07", bytes: 24 }
        : well(name, request);
    balancer.lastLinesOf = async () => ["GET /logo.svg 404"] as never;
    balancer.stateOf = (async () => ({ status: "running", exitCode: 0, restarts: 0, environment: [] })) as never;
    await assert.rejects(go(), {
      message: [
        "1 of 3 replicas did not answer as gate.requests says:",
        "  blue-2new: GET /logo.svg (gate.requests[0]), asked once through p2",
        "    expected: status 200-299",
        "    got: status 404, body of 24 bytes: there is no such page",
        "    runs:",
        "      GET /logo.svg 404",
        "the traffic is where it was: green 100 %, 3 of 3 healthy",
      ].join("\n"),
    });
    assert.deepEqual(shares(balancer), [0, 0, 0]);
    const blue = balancer.state.proxies.map((proxy) =>
      currentWorker(proxy)!.servers.blue.flatMap(({ name, weight }) => (name && weight > 0 ? [name] : [])),
    );
    assert.deepEqual(blue, Array(2).fill(["blue-1old", "blue-2old", "blue-3old"]), "the old replicas are back");
  });

  it("are tried again as often as config says, through the next proxy each time", async () => {
    const { balancer, go } = await scene(asks());
    let wrong = 0;
    balancer.answer = (name, request) =>
      name === "blue-1new" && request.path === "/" && wrong++ < 1 ? {} : well(name, request);
    await go();
    assert.deepEqual(balancer.sent.filter((one) => one === "blue-1new /").length, 2);
    const other = await scene(asks());
    other.balancer.answer = (_, { path }) => (path === "/" ? { body: "x", bytes: 1 } : {});
    await assert.rejects(
      other.go(),
      /3 of 3 replicas[^]*blue-1new: GET \/ \(gate\.requests\[1\]\), asked 2 times, the last time through p[12]\n {4}expected: body with "Welcome"\n {4}got: body of 1 bytes: x\n/,
    );
  });

  it("show why there is no answer", async () => {
    const { balancer, go } = await scene(asks());
    balancer.answer = () => {
      throw new Error("it takes no connection");
    };
    await assert.rejects(go(), /got: it takes no connection\n/);
  });

  it("show nothing that was sent in a header, wherever it comes back, nor a query", async () => {
    const secret = "Bearer t0ps3cret-word";
    const { balancer, go } = await scene(
      asks([
        { path: "/x?key=s3cret-key", tries: 1, headers: { Authorization: secret }, responseHeaders: { Echo: "no" } },
      ]),
    );
    balancer.answer = () => ({ status: 500, headers: { echo: secret }, body: `you are ${secret}, t0ps3cret-word` });
    const told = await go().then(String, String);
    assert.match(told, /GET \/x\?… [^]*expected: status 200-299, header Echo with "no"/);
    assert.match(told, /header Echo: \[Authorization\]/);
    assert.doesNotMatch(told, /t0ps3cret|s3cret-key/);
  });

  it("say what a visitor's request would: the site's name, port and protocol", async () => {
    for (const [config, host, scheme] of [
      [{ hosts: ["shop.example.com", "b.example.com"], tls: { selfSigned: true } }, "shop.example.com", "https"],
      [{ hosts: ["*.example.com"], tls: { selfSigned: true, port: 8443 } }, "www.example.com:8443", "https"],
      [{ loadBalancer: { port: 8080 } }, "localhost:8080", "http"],
    ] as const) {
      const { balancer, go } = await scene(asks(REQUESTS, config));
      const seen: string[] = [];
      balancer.answer = (name, request) => (seen.push(`${request.scheme} ${request.host}`), well(name, request));
      await go();
      assert.deepEqual([...new Set(seen)], [`${scheme} ${host}`]);
    }
  });

  it("end at once when the update is interrupted", async () => {
    const { balancer, go } = await scene(asks());
    let asking = false;
    balancer.request = (_, __, ___, signal) =>
      new Promise((_, reject) => {
        asking = true;
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    const stopped = () => {
      if (asking) throw new Interrupted();
    };
    await assert.rejects(go({}, stopped), /^Error: interrupted\nthe traffic is where it was: green 100 %/);
    assert.deepEqual(shares(balancer), [0, 0, 0]);
  });

  it("go to a few replicas at a time, and to no more once enough have failed", async () => {
    const to = asks();
    const many = {
      ...to,
      replicas: { ...to.replicas, blue: Array.from({ length: 40 }, (_, number) => `blue-${number}`) },
    };
    const { balancer, go } = await scene(many);
    let [now, most] = [0, 0];
    const request = balancer.request.bind(balancer);
    balancer.answer = () => ({ status: 500 });
    balancer.request = async (...given) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return request(...given).finally(() => now--);
    };
    await assert.rejects(go(), /1\d of 40 replicas/);
    assert.equal(most, 4);
    assert.ok(balancer.sent.length < 15, `${balancer.sent.length} sent`);
  });
});

describe("an answer to a smoke request", () => {
  const request: SmokeRequest = {
    ...{ path: "/", method: "GET", headers: {}, status: [200, 204], responseHeaders: {}, within: 1, tries: 1 },
  };
  const answer: ReplicaAnswer = { status: 200, headers: { "content-type": "text/html" }, body: "Hello", bytes: 5 };
  const lacks = (wanted: Partial<SmokeRequest>, got: Partial<ReplicaAnswer> = {}) =>
    lacksOf({ ...request, ...wanted }, { ...answer, ...got }, shownText([])).map(
      ({ expected, got }) => `${expected} / ${got}`,
    );

  it("may have any status from the first to the last", () => {
    for (const status of [200, 201, 204]) assert.deepEqual(lacks({}, { status }), []);
    for (const status of [199, 205, 503])
      assert.deepEqual(lacks({}, { status }), [`status 200-204 / status ${status}, body of 5 bytes: Hello`]);
    assert.match(lacks({ status: [301, 301] })[0]!, /^status 301 \/ status 200/);
  });

  it("must have the headers, by names in any case", () => {
    assert.deepEqual(lacks({ responseHeaders: { "Content-TYPE": { text: "html" } } }), []);
    assert.deepEqual(lacks({ responseHeaders: { "Content-Type": { pattern: "^TEXT", ignoreCase: true } } }), []);
    assert.deepEqual(lacks({ responseHeaders: { Etag: { text: "x" }, "content-type": { text: "json" } } }), [
      'header Etag with "x" / no header Etag',
      'header content-type with "json" / header content-type: text/html',
    ]);
  });

  it("must hold the text, or match the pattern", () => {
    assert.deepEqual(lacks({ body: { text: "ell" } }), []);
    assert.deepEqual(lacks({ body: { text: "ELL" } }), ['body with "ELL" / body of 5 bytes: Hello']);
    assert.deepEqual(lacks({ body: { pattern: "^hel+o$", ignoreCase: true } }), []);
    assert.deepEqual(lacks({ body: { pattern: "^x", ignoreCase: false } }), [
      "body matching /^x/ / body of 5 bytes: Hello",
    ]);
    assert.deepEqual(lacks({ body: { text: "x" } }, { body: "", bytes: 0 }), ['body with "x" / body that is empty']);
  });

  it("is not looked at for ever", function () {
    this.timeout(10_000);
    const body = `${"a".repeat(60)}!`;
    assert.equal(lacks({ body: { pattern: "^(a+)+$", ignoreCase: false } }, { body }).length, 1);
  });

  it("is shown in a line that moves no cursor, and of bytes that are no text nothing", () => {
    assert.equal(shownText([])("a\x1b[31m\r\n\tb\u202e"), "a b");
    assert.equal(shownText([])("\ufffdPNG\ufffd"), "(no text)");
    assert.ok(shownText([])("x".repeat(10_000)).length < 300);
    assert.equal(shownText(["KEY=hunter22"])(`${"y ".repeat(95)}hunter22`).includes("hunt"), false);
  });
});

import assert from "node:assert/strict";
import { assertClean, once, startLoad, type Load } from "../support/load";
import { TestStack } from "../support/stack";
import { freePort } from "../../scripts/common/freePort";

const LOAD = { keepAlive: 8, fresh: 4, idle: 2, paceMs: 20 };

/** The page with its logo, which v2 has lost. */
const LOGO = { path: "/", body: '/<svg class="logo"/', tries: 1 };

/**
 * An application with faults. `/warm` is wrong twice in each replica's life; `/break` has this replica answer `/` wrongly until `/mend`, and
 * `/asked` tells what it was asked besides its check.
 */
const FAULTY = `
let [warm, broken] = [0, false];
const asked = [];
require("http").createServer((request, response) => {
  const { url, method, headers } = request;
  if (url === "/health") return response.end("ok");
  if (url === "/asked") return response.end(JSON.stringify(asked));
  asked.push([method, url]);
  if (url === "/mend") return (broken = false), response.end("mended");
  if (url === "/break") return (broken = true), response.end("broken");
  if (url === "/warm" && warm++ < 2) return response.writeHead(503).end("not warm yet");
  if (url.startsWith("/slow")) return setTimeout(() => response.end("slow"), 3_000);
  if (url === "/" && broken) return console.log("cannot find the page"), response.writeHead(500).end("cannot find the page");
  response.end(url === "/headers" ? JSON.stringify(headers) : "faulty");
}).listen(process.env.PORT ?? 80);
process.on("SIGTERM", () => process.exit(0));
`;

describe("smoke requests, on a live pair", function () {
  this.timeout(600_000);
  let stack: TestStack;
  let load: Load;
  let live = "green";

  const ask = (...requests: object[]) => ({ "gate.requests": JSON.stringify(requests) });
  /** An update that must be refused, with all visitors where they are. */
  const refused = async (config: Record<string, string>, ...what: RegExp[]) => {
    await stack.setAll(config);
    const { code, all } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0, all);
    for (const one of what) assert.match(all, one);
    assert.match(all, new RegExp(`traffic is where it was: ${live} 100 %, 3 of 3 healthy`));
    return all;
  };

  before(async () => {
    stack = await TestStack.create({ "blue.tag": "v2", ...ask(LOGO), "drain.timeout": "5s" });
    await stack.up();
  });
  after(() => stack.remove());
  beforeEach(() => (load = startLoad(stack.production, LOAD)));
  afterEach(async () => {
    const report = await load.stop();
    assertClean(report);
  });
  /** Whom visitors met since the test began. */
  const metOnly = async (color: string) => {
    const { byColor } = await load.stop();
    assert.deepEqual(Object.keys(byColor), [color]);
  };

  it("are told in the preview, and catch the lost logo before a visitor meets it", async () => {
    await stack.set("activeColor", "blue");
    const { all } = await stack.must(["preview"]);
    assert.match(all, /step \d: send 1 request to each of 3 replicas of blue \(gate\.requests\)/);
    const told = await refused(
      {},
      /3 of 3 replicas did not answer as gate\.requests says:/,
      /web-blue-\d\S*: GET \/ \(gate\.requests\[0\]\), asked once through web-proxy-\d/,
      /expected: body matching \/<svg class="logo"\/\s+got: body of \d+ bytes: <!doctype html>/,
    );
    assert.match(told, /demo v2: port 80/, "without the replica's last lines");
    await metOnly("green");
  });

  it("let a healthy version through, and send nothing where nothing gets traffic", async () => {
    await stack.up({ "blue.tag": "v2.1" });
    assert.equal((await once(`${stack.production}/version`)).body.trim(), "v2.1");
    live = "blue";
    await stack.must(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("ask a new image on the live color before a visitor meets it", async () => {
    await refused({ "blue.tag": "v2" }, /3 of 3 replicas did not answer/);
    const before = (await once(`${stack.production}/version`)).body.trim();
    assert.equal(before, "v2.1");
    await metOnly("blue");
    await stack.up({ "blue.tag": "v3" });
    assert.equal((await once(`${stack.production}/version`)).body.trim(), "v3");
  });

  it("find the one bad replica of three, by its name and with its last lines", async () => {
    const entrypoint = JSON.stringify(["node", "-e", FAULTY]);
    await stack.up({ "green.entrypoint": entrypoint, ...ask({ path: "/", body: "faulty" }, { path: "/headers" }) });
    const [, second] = await stack.containers("green");
    await stack.inside(second!, "node", "-e", 'fetch("http://127.0.0.1/break").then(() => 0)');
    const { Name } = await stack.docker.getContainer(second!).inspect();
    const told = await refused(
      { activeColor: "green" },
      /1 of 3 replicas did not answer/,
      new RegExp(
        `${Name.slice(1)}: GET / \\(gate\\.requests\\[0\\]\\), asked 3 times, the last time through web-proxy`,
      ),
      /expected: status 200-299, body with "faulty"\s+got: status 500, body of 20 bytes: cannot find the page/,
      /runs:\s+cannot find the page/,
    );
    assert.equal(told.match(/: GET \/ /g)?.length, 1, told);
    await stack.inside(second!, "node", "-e", 'fetch("http://127.0.0.1/mend").then(() => 0)');
    await metOnly("blue");
  });

  it("give a slow answer its time and no more", async () => {
    await refused(
      ask({ path: "/slow?ms=3000", within: "1s", tries: 1 }),
      /GET \/slow\?… \(gate\.requests\[0\]\), asked once[^]*expected: an answer\s+got: no whole answer within 1 s/,
    );
    await metOnly("blue");
  });

  it("heal a slow start by their tries, and reach no replica more than that", async () => {
    await stack.up(ask({ path: "/warm", body: "faulty", tries: 3 }));
    live = "green";
    for (const id of await stack.containers("green")) {
      const asked = await stack.inside(
        id,
        "node",
        "-e",
        `fetch("http://127.0.0.1/asked").then(async (one) => console.log(await one.text()))`,
      );
      const warm = (JSON.parse(asked) as string[][]).filter(([, url]) => url === "/warm");
      assert.equal(warm.length, 3);
    }
  });

  it("are no part of a rollback, which must go now", async () => {
    await stack.up({ ...ask({ path: "/", status: "418", tries: 1 }) });
    const { code, all } = await stack.script("rollback.ts");
    assert.equal(code, 0, all);
    live = "blue";
    assert.equal((await once(`${stack.production}/version`)).body.trim(), "v3");
  });

  it("are a visitor's where the site has names of its own and TLS alone", async () => {
    await once(`${stack.production}/version`);
    assertClean(await load.stop()); // from now on a plain request is sent on
    const port = await freePort();
    const shop = { hosts: '["shop.test"]', tls: JSON.stringify({ selfSigned: true, port, redirect: true }) };
    const body = `/"host":"shop\\.test:${port}".*"x-forwarded-proto":"https"/`;
    await stack.up({ ...shop, activeColor: "green", stickyReplica: "true", ...ask({ path: "/headers", body }) });
    live = "green";
    const [id] = await stack.containers("proxy");
    const lines =
      'cat log/*/requests.log | while read -r line; do case $line in *\'"smoke"\'*) echo "$line" ;; esac; done';
    assert.match(await stack.inside(id!, "sh", "-c", lines), /"path": "\/headers".*"status": 200/);
  });
});

import assert from "node:assert/strict";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { EDGES_PORT, EdgeLab, hashOf, type TestEdge } from "../support/edgeLab";
import { until } from "../support/stack";

/** Some hours ago: when updates were made, in milliseconds since 1970. */
const FIRST = Date.now() - 7_200_000;
const SECOND = FIRST + 3_600_000;
const THIRD = SECOND + 1_000;

/** As many looks at the others as tell that nothing comes of them. */
const LOOKS = 2_500;

const [GREEN, BLUE] = [0, 10_000];

/** Answers each connection with the next of these, and writes down how often it was asked: `null` is silence. */
const PEER = `
const answers = JSON.parse(process.argv[1]);
let asked = 0;
require("net").createServer((socket) => {
  socket.on("error", () => undefined);
  const answer = answers[asked++ % answers.length];
  console.log("asked", asked);
  if (answer === null) return;
  if (answer === "endless") return void setInterval(() => socket.write("x".repeat(10_000)), 1);
  if (answer === "reset") return socket.resetAndDestroy();
  if (answer === "slow") return void [..."edge - -"].forEach((one, index) => setTimeout(() => socket.write(one), 300 * index));
  socket.end(Buffer.from(answer, "latin1"));
}).listen(${EDGES_PORT});
`;

const iso = (at: number) => new Date(at).toISOString();

/** What a proxy of another edge tells. */
const line = ({ site = "web", share = GREEN, at = FIRST, since = iso(FIRST), config = hashOf("v1") }) =>
  `edge 0:1:2 ${site} ${share} ${at} 0 ${at} ${since} ${config} ${since}\n`;

/** Opens many connections and keeps them, half of them with a request of another kind; then it asks as a proxy does. */
const CROWD = `
const net = require("net");
const open = (then = () => undefined) => {
  const socket = net.connect(${EDGES_PORT}, process.argv[1], () => then(socket));
  return socket.on("error", () => undefined);
};
for (let many = 0; many < 500; many++)
  open((socket) => many % 2 && socket.write("GET / HTTP/1.1\\r\\n".repeat(1_000)));
setTimeout(() => open().on("data", (data) => process.stdout.write(data)).on("close", () => process.exit()), 500);
`;

/** Asks an edge all the time, each time on a connection of its own. */
class Visitor {
  readonly answers: (string | undefined)[] = [];
  private going = true;
  private readonly done: Promise<void>;

  constructor(edge: TestEdge) {
    this.done = (async () => {
      while (this.going) this.answers.push(await edge.ask(2_000));
    })();
  }

  /** All different answers, in the order in which they first came; silence left out. */
  async stop(): Promise<string[]> {
    this.going = false;
    await this.done;
    return [...new Set(this.answers.filter((answer) => answer !== undefined))];
  }
}

describe("an edge that was away", function () {
  this.timeout(120_000);
  const lab = new EdgeLab();
  before(() => lab.start());
  afterEach(() => lab.clear());
  after(() => lab.stop());

  /** An edge that serves what holds everywhere. */
  const current = async (share = BLUE, version = "v1", since = FIRST) => {
    const edge = await lab.edge();
    await edge.put({ version, since, share: { value: share, at: since } });
    return edge.start();
  };

  it("comes up on what the others were told meanwhile, before its first answer", async () => {
    const other = await lab.edge();
    const share = { value: BLUE, at: SECOND };
    await other.put({ version: "v1", since: SECOND, share, maintenance: { value: 1, at: FIRST } });
    await other.start();
    const late = await lab.edge(2);
    const before = { share: { value: GREEN }, maintenance: { value: 0, at: SECOND } }; // from before there were stamps
    await late.put({ version: "v1", since: FIRST, ...before });
    const visitor = new Visitor(late);
    await late.start();
    await late.answers(`v1 ${BLUE}`);
    assert.deepEqual(await visitor.stop(), [`v1 ${BLUE}`]);
    assert.equal(await late.read("share.map"), `web ${BLUE}\nat ${SECOND}\n`);
    assert.equal(await late.read("maintenance.map"), `web 0\nat ${SECOND}\n`, "the newer one of each");
    await other.answers(`v1 ${BLUE}`); // it was closed
    assert.equal(await other.read("maintenance.map"), `web 0\nat ${SECOND}\n`);
    assert.match(
      (await late.logs()).join(""),
      new RegExp(`^.*proxy: takes over share ${BLUE}, set on another edge at 20.*Z$`, "m"),
    );
    assert.equal((await late.inside(0, "ls", "/var/lib/bluegreen")).match(/share\.map/g)?.length, 1);
  });

  it("waits a moment for the first answer of another edge, and not only of its own second proxy", async () => {
    const answer = line({ share: BLUE, at: SECOND });
    await lab.fake(PEER, JSON.stringify([...Array<string>(6).fill("not yet\n"), ...Array<string>(50).fill(answer)]));
    const late = await lab.edge(2);
    await late.put({ version: "v1", since: FIRST, share: { value: GREEN, at: FIRST } });
    const visitor = new Visitor(late);
    await late.start();
    await late.answers(`v1 ${BLUE}`);
    assert.deepEqual(await visitor.stop(), [`v1 ${BLUE}`]);
  });

  it("does not come up on a share that it cannot write, and takes one over all the same where it serves", async () => {
    const other = await current();
    const late = await lab.edge();
    await late.put({ version: "v1", since: FIRST, share: { value: GREEN } });
    await late.blockWrites();
    const visitor = new Visitor(late);
    await late.start();
    await late.says(/could not write .*share\.map: Is a directory/);
    await wait(LOOKS);
    assert.ok(visitor.answers.every((answer) => answer === undefined));
    await late.allowWrites();
    await late.answers(`v1 ${BLUE}`);
    assert.deepEqual(await visitor.stop(), [`v1 ${BLUE}`]);
    await late.blockWrites();
    await other.set("share", { value: GREEN, at: SECOND });
    await late.answers(`v1 ${GREEN}`);
    assert.equal(await late.read("share.map"), `web ${BLUE}\nat ${FIRST}\n`);
    await late.allowWrites();
    await until(async () => (await late.read("share.map")) === `web ${GREEN}\nat ${SECOND}\n`);
  });

  it("takes over what was set while it was cut off, in every worker of every proxy, and nothing that was set before", async () => {
    const other = await current(GREEN);
    const late = await lab.edge(2);
    await late.put({ version: "v1", since: FIRST, share: { value: GREEN, at: FIRST } });
    await late.start();
    await late.answers(`v1 ${GREEN}`);
    const held = connect(late.port, "127.0.0.1", () => held.write("GET / HTTP/1.1\r\n")); // keeps the worker of before a reload
    await wait(300);
    for (const proxy of [0, 1]) await late.inside(proxy, "control", "reload");
    await until(async () => (await late.workers("share")).length >= 3);
    await late.cut();
    await other.set("share", { value: BLUE, at: SECOND });
    await other.set("maintenance", { value: 1, at: SECOND });
    await other.answers("closed");
    assert.equal(await late.ask(), `v1 ${GREEN}`);
    await late.heal();
    await late.answers("closed");
    const all = (values: (number | undefined)[], value: number) =>
      values.length >= 3 && values.every((one) => one === value);
    await until(async () => all(await late.workers("share"), BLUE) && all(await late.workers("maintenance"), 1));
    held.destroy();
    await late.set("maintenance", { value: 0, at: SECOND }); // by hand, of the same time
    await late.set("share", { value: GREEN, at: THIRD });
    await until(async () => (await other.read("share.map")) === `web ${GREEN}\nat ${THIRD}\n`);
    assert.equal(await other.read("maintenance.map"), `web 1\nat ${SECOND}\n`);
    await other.set("maintenance", { value: 1, at: FIRST });
    await until(async () => (await other.read("maintenance.map")) === `web 0\nat ${SECOND}\n`);
    assert.equal(await late.read("maintenance.map"), `web 0\nat ${SECOND}\n`);
    for (const edge of [late, other]) await edge.answers(`v1 ${GREEN}`);
  });

  it("serves nothing while an update changed the configuration elsewhere, until its own file is written", async () => {
    const other = await current(BLUE, "v2", SECOND);
    const late = await lab.edge(2);
    await late.put({ version: "v1", since: FIRST, share: { value: GREEN, at: FIRST } });
    const visitor = new Visitor(late);
    await late.start();
    await late.says(/serves nothing: the update of 20\S+Z changed.*run pulumi up/);
    await other.kill();
    await wait(LOOKS); // silence does not make it current
    await late.turn(THIRD);
    await wait(LOOKS); // nor does an update that has only begun
    assert.ok(visitor.answers.every((answer) => answer === undefined));
    await late.configure("v2");
    await late.answers(`v2 ${BLUE}`);
    assert.deepEqual(await visitor.stop(), [`v2 ${BLUE}`]);
    await late.says(/its configuration is current: serves again/);
  });

  it("stops where it went on meanwhile, too, and never stops an edge that is current", async () => {
    const other = await current(GREEN);
    const late = await current(GREEN);
    await late.answers(`v1 ${GREEN}`);
    await late.cut();
    await other.turn(SECOND);
    await other.configure("v2");
    await other.inside(0, "control", "reload");
    await other.set("share", { value: BLUE, at: SECOND });
    await other.answers(`v2 ${BLUE}`);
    const visitor = new Visitor(late);
    await late.heal();
    await late.says(/serves nothing/);
    await until(async () => (await late.ask(1_000)) === undefined, 30_000);
    await late.turn(THIRD); // an update that was cut off before it wrote anything
    await wait(2 * LOOKS);
    assert.equal(await other.ask(), `v2 ${BLUE}`);
    assert.doesNotMatch((await other.logs()).join(""), /serves nothing/);
    assert.deepEqual(await visitor.stop(), [`v1 ${GREEN}`], "never with the share of another configuration");
    await late.configure("v2");
    await late.answers(`v2 ${BLUE}`);
  });

  it("goes on while an update has only begun elsewhere, even if one that failed left other files there", async () => {
    const one = await current(GREEN, "v1");
    const other = await current(GREEN, "v2");
    for (const [edge, version] of [
      [one, "v1"],
      [other, "v2"],
    ] as const)
      await edge.answers(`${version} ${GREEN}`);
    await other.turn(SECOND);
    await wait(1_000);
    await one.turn(SECOND); // it takes a moment to begin everywhere
    await other.turn(THIRD); // and then it is cut off
    await wait(2 * LOOKS);
    assert.doesNotMatch([...(await one.logs()), ...(await other.logs())].join(""), /serves nothing/);
    assert.deepEqual([await one.ask(), await other.ask()], [`v1 ${GREEN}`, `v2 ${GREEN}`]);
  });

  it("serves what it has where no other edge answers, and answers at once, whoever asks", async () => {
    const alone = await current();
    await alone.answers(`v1 ${BLUE}`);
    await alone.says(/proxy: no other edge answers: serves what it has/);
    const client = await lab.fake(CROWD, alone.address);
    await client.wait();
    const said = (await client.logs({ stdout: true, stderr: true })).toString();
    const what = `web ${BLUE} ${FIRST} 0 ${FIRST} ${iso(FIRST)} ${hashOf("v1")}`;
    assert.match(said, new RegExp(`edge [0-9a-f:-]+ ${what} 20\\S+Z\n`));
  });

  it("heeds nobody unless it is told to", async () => {
    await (await current(BLUE)).answers(`v1 ${BLUE}`);
    const plain = await lab.edge(1, []);
    await plain.put({ version: "v1", since: FIRST, share: { value: GREEN } });
    await plain.start();
    await plain.answers(`v1 ${GREEN}`);
    await wait(LOOKS);
    assert.equal(await plain.read("share.map"), `web ${GREEN}\n`);
    const programs = await plain.inside(0, "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; ls -A /run/haproxy");
    assert.doesNotMatch(programs, /heed-edges|perl|\.current/);
    assert.match(programs, /haproxy -W/);
  });

  it("is not led astray by what is no answer, nor kept waiting", async () => {
    const late = await current(GREEN);
    await late.answers(`v1 ${GREEN}`);
    const far = Date.now() + 3 * 86_400_000;
    const answers = [
      [line({ share: BLUE, at: far }), null, "reset", "\0\xff".repeat(100), ""],
      ["slow", line({ share: BLUE, at: SECOND }).trim(), line({ share: 10_001, at: SECOND }), "endless"],
      [line({ site: "shop", share: BLUE, at: SECOND }), null],
      [line({ since: iso(far), config: "0".repeat(64) })],
    ];
    const peers = await Promise.all(answers.map((some) => lab.fake(PEER, JSON.stringify(some))));
    const asked = async (peer: (typeof peers)[number]) =>
      (await peer.logs({ stdout: true })).toString().split("asked").length - 1;
    for (const peer of peers) await until(async () => (await asked(peer)) > 5, 60_000);
    assert.equal(await late.ask(), `v1 ${GREEN}`);
    assert.equal(await late.read("share.map"), `web ${GREEN}\nat ${FIRST}\n`);
    assert.doesNotMatch((await late.logs()).join(""), /takes over|serves nothing|line \d|uninitialized/);
    await lab.fake(PEER, JSON.stringify([line({ share: BLUE, at: SECOND })]));
    await late.answers(`v1 ${BLUE}`);
  });
});

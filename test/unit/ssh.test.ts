import { LOAD_BALANCER_LABEL } from "../../model/labels";
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { execa } from "execa";
import { findContainers, lastLines } from "../../docker/containers";
import { connect } from "../../docker/connect";
import { TruncatedResponse, retry } from "../../haproxy/control/truncated";
import { Proxy } from "../../haproxy/control/proxy";
import { typescriptHook } from "../../scripts/engine/layout";

const HEAD = "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n";
const WHOLE = `printf '${HEAD}Content-Length: 2\\r\\n\\r\\n[]'`;
/** An answer without a length, as Docker gives for logs and commands. */
const UNBOUNDED = `printf '${HEAD}\\r\\n'; printf '\\001\\000\\000\\000\\000\\000\\000\\004half'`;

describe("Docker over ssh", () => {
  const folder = mkdtempSync(join(tmpdir(), "bluegreen-ssh-unit-"));
  const path = process.env.PATH;
  /** Puts another program in the place of ssh. */
  const ssh = (script: string) => {
    writeFileSync(join(folder, "ssh"), `#!/bin/sh\necho "$@" >> ${join(folder, "calls")}\n${script}\n`);
    chmodSync(join(folder, "ssh"), 0o755);
    rmSync(join(folder, "calls"), { force: true });
    process.env.PATH = `${folder}:${path}`;
    return connect("ssh://me@edge");
  };
  afterEach(() => (process.env.PATH = path));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("keeps a connection for the next request", async () => {
    const docker = ssh(`while read -r line; do [ "$line" = "$(printf '\\r')" ] && ${WHOLE}; done`);
    for (let request = 0; request < 3; request++)
      assert.deepEqual(await findContainers(docker, LOAD_BALANCER_LABEL, "x"), []);
    const calls = readFileSync(join(folder, "calls"), "utf8");
    assert.match(calls, /^-l me .*-- edge docker system dial-stdio\n$/);
  });

  it("takes an answer for whole only if ssh ended well", async () => {
    assert.equal(await lastLines(ssh(UNBOUNDED), "x", 1), "half");
    await assert.rejects(lastLines(ssh(`${UNBOUNDED}; exit 255`), "x", 1));
    await assert.rejects(lastLines(ssh(`${UNBOUNDED}; kill -9 $$`), "x", 1));
  });

  it("tells what ssh said last, or that there is none", async () => {
    const said = findContainers(
      ssh("printf '@@@\\nWARNING!\\r\\nHost key verification failed.\\r\\n' >&2; exit 255"),
      LOAD_BALANCER_LABEL,
      "x",
    );
    const sentence =
      "Docker does not answer at ssh://me@edge: Host key verification failed; try: ssh -l me edge docker version";
    await assert.rejects(said, new Error(sentence));
    await assert.rejects(findContainers(ssh("exit 3"), LOAD_BALANCER_LABEL, "x"), /ssh ended with 3; try/);
    process.env.PATH = "/nowhere";
    await assert.rejects(
      findContainers(connect("ssh://edge"), LOAD_BALANCER_LABEL, "x"),
      /at ssh:\/\/edge: there is no ssh on the PATH$/,
    );
  });

  it("does not keep a process alive for a connection that nobody uses", async () => {
    ssh(`${WHOLE}; exec sleep 60`);
    const program = `require("./docker/connect").connect("ssh://edge").listContainers().then((all) => console.log(all.length));`;
    const args = ["--require", typescriptHook, "--eval", program];
    const { stdout } = await execa(process.execPath, args, { cwd: join(__dirname, "..", ".."), timeout: 15_000 });
    assert.equal(stdout, "0");
  });
});

describe("half an answer", () => {
  /** A container whose command wrote this and ended well. */
  const proxy = (out: string) => {
    const docker = connect("unix:///nowhere");
    const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, out.length]), Buffer.from(out)]);
    const exec = { start: async () => Readable.from([frame]), inspect: async () => ({ ExitCode: 0 }) };
    docker.getContainer = () => ({ exec: async () => exec }) as never;
    return new Proxy(docker, { id: "x", name: "web-proxy-1", running: true, restarting: false, status: "" }, "web");
  };

  it("is not acted upon", async () => {
    const turn = { id: "0a", kind: "update", share: 1000, since: "2026-11-25T03:12:07Z" };
    const written = "\x1eweb 1000\n\x1eweb 1\n\x1e0a update 1000 2026-11-25T03:12:07Z\n\x1e\x1enull\n\x1e";
    const files = { file: undefined, share: 1000, maintenance: true, turn };
    assert.deepEqual(await proxy(written).volume.read(), files);
    assert.deepEqual(await proxy(`${written}\x1e`).observe(), { proxy: { name: "web-proxy-1", workers: [] }, files });
    const listed = `${written}7 worker 0\n\x1e`;
    for (const cut of [written, written.slice(0, -1), `${written}7 worker 0`, listed, `${listed}a\x1eb\x1ec\x1ed\x1ee`])
      await assert.rejects(proxy(cut).observe(), /the answer of web-proxy-1 was cut off/);
    await assert.rejects(proxy("\x1eweb 1000\n\x1eweb").volume.read(), /was cut off/);
  });

  it("is asked for again, a few times; what failed otherwise is not", async () => {
    let tries = 0;
    const ask = (error: Error, good: number) => async () => {
      if (++tries < good) throw error;
      return tries;
    };
    assert.equal(await retry(ask(new TruncatedResponse("cut"), 3)), 3);
    tries = 0;
    await assert.rejects(retry(ask(new TruncatedResponse("cut"), 9)), /cut/);
    assert.equal(tries, 4);
    tries = 0;
    await assert.rejects(retry(ask(new Error("other"), 3)), /other/);
    assert.equal(tries, 1);
  });
});

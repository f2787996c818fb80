import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../routing/localCommand";
import { until } from "../support/stack";

/** Whether a process is there that nobody has ended. */
function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("a local command", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "command-"));
  after(() => rmSync(folder, { recursive: true }));

  async function run(line: string, { timeout = 10_000, env = {}, signal = new AbortController().signal } = {}) {
    const told: string[] = [];
    const command = { line, timeout };
    const error = await runCommand("hooks.afterSwitch", command, env, (text) => void told.push(text), signal).catch(
      (error: Error) => error,
    );
    return { told, error: error as Error | undefined };
  }
  /** A file into which a process writes its number. */
  const pidFile = () => join(folder, randomBytes(4).toString("hex"));
  const pidIn = async (file: string) => {
    await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
    return Number(readFileSync(file, "utf8"));
  };

  it("is run in the project's folder with the caller's environment and more, and told line by line", async () => {
    process.env["LOCAL_COMMAND_TEST"] = "here";
    const line = 'echo "$LOCAL_COMMAND_TEST $BLUEGREEN_COLOR"; echo oops >&2; test -f Pulumi.yaml && printf "no end"';
    const { told, error } = await run(line, { env: { BLUEGREEN_COLOR: "blue" } });
    assert.equal(error, undefined);
    assert.deepEqual(told.sort(), ["here blue", "no end", "oops"]);
    delete process.env["LOCAL_COMMAND_TEST"];
  });

  it("gets none of what Pulumi told this process alone", async () => {
    process.env["PULUMI_CONFIG"] = '{"blue-green:secret":"x"}';
    const { told } = await run('echo "[$PULUMI_CONFIG]"');
    delete process.env["PULUMI_CONFIG"];
    assert.deepEqual(told, ["[]"]);
  });

  it("tells lines while it runs", async () => {
    const stop = new AbortController();
    const began = Date.now();
    let first = 0;
    const tell = () => void (first ||= Date.now() - began);
    await runCommand("gate.command", { line: "echo one; sleep 1; echo two", timeout: 9_000 }, {}, tell, stop.signal);
    assert.ok(first < Date.now() - began - 500, `${first} ms`);
  });

  for (const [line, message] of [
    ["echo a; echo b; exit 3", "hooks.afterSwitch ended with 3\n  a\n  b"],
    ["kill -9 $$", "hooks.afterSwitch was ended by SIGKILL\n  it wrote nothing"],
    ["no-such-command-here", /^hooks\.afterSwitch was not found \(it ended with 127\)\n {2}.*not found$/],
  ] as const)
    it(`fails with what it wrote last: ${line}`, async () => {
      const { error } = await run(line);
      if (typeof message === "string") assert.equal(error?.message, message);
      else assert.match(error?.message ?? "", message);
    });

  it("ends at its time with all that it began, also what hears no SIGTERM and writes elsewhere", async () => {
    const file = pidFile();
    const deaf = `sh -c 'trap "" TERM; echo $$ > ${file}; while :; do sleep 0.1; done' > /dev/null 2>&1 &`;
    const { error, told } = await run(`${deaf} trap "echo asked to end" TERM; while :; do sleep 0.1; done`, {
      timeout: 1_000,
    });
    assert.match(error!.message, /^hooks\.afterSwitch did not end within 1 s \(hooks\.timeout\)\n/);
    assert.ok(told.includes("asked to end"), told.join());
    assert.equal(runs(await pidIn(file)), false);
  });

  it("does not wait for what it leaves running, and ends that too", async () => {
    const file = pidFile();
    const { error, told } = await run(`sh -c 'echo $$ > ${file}; sleep 1000' & sleep 0.5; echo done`, {
      timeout: 20_000,
    });
    assert.deepEqual([error, told], [undefined, ["done"]]);
    await pidIn(file).then((pid) => assert.equal(runs(pid), false));
  });

  it("does not wait for a process of a session of its own that keeps its output open", async () => {
    const file = pidFile();
    const began = Date.now();
    await run(`setsid sh -c 'echo $$ > ${file}; sleep 15' & sleep 0.3`);
    assert.ok(Date.now() - began < 10_000);
    process.kill(await pidIn(file), "SIGKILL");
  });

  it("is ended when the update is interrupted", async () => {
    const [stop, file] = [new AbortController(), pidFile()];
    setTimeout(() => stop.abort(new Error("interrupted")), 500);
    const { error } = await run(`echo $$ > ${file}; sleep 1000`, { signal: stop.signal, timeout: 60_000 });
    assert.equal(error?.message, "interrupted");
    assert.equal(runs(await pidIn(file)), false);
  });

  it("is not begun where that happened before", async () => {
    const file = pidFile();
    const { error } = await run(`touch ${file}`, { signal: AbortSignal.abort(new Error("interrupted")) });
    assert.deepEqual([error?.message, existsSync(file)], ["interrupted", false]);
  });

  it("may write more than anybody reads: the beginning is told, the end is kept", async () => {
    const { told, error } = await run('yes "a line of many" | head -c 10000000; echo; echo last; exit 1');
    assert.ok(told.length > 50 && told.length < 500, `${told.length} lines`);
    assert.match(told.at(-1)!, /more is not shown/);
    assert.match(error!.message, /\n {2}last$/);
    assert.ok(error!.message.split("\n").length < 30);
  });

  it("may write ten megabytes without the end of a line, or bytes that are no text", async () => {
    const { told, error } = await run("head -c 10000000 /dev/zero | tr '\\0' x; head -c 100000 /dev/urandom; exit 1");
    assert.ok(Math.max(...told.map((line) => line.length)) < 1_000);
    assert.ok(error!.message.length < 20_000);
    assert.doesNotMatch(`${told.join("")}${error!.message.replaceAll("\n", "")}`, /\p{Cc}/u);
  });

  it("may close its output, and read what is not there", async () => {
    assert.equal((await run("exec > /dev/null 2>&1; sleep 0.2")).error, undefined);
    assert.equal((await run("cat")).error, undefined);
  });
});

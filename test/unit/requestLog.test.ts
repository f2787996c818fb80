import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { merged } from "../../scripts/logs/merge";
import { until } from "../support/stack";

const PROGRAM = join(__dirname, "../../images/proxy/bin/keep-requests");

describe("the files of requests", () => {
  let all: string;
  let keeper: ChildProcess;
  let said = "";
  const folder = () => join(all, "proxy");
  const read = (name = "requests.log") => readFileSync(join(folder(), name), "utf8");
  const start = (size: number, files: number) => {
    keeper = spawn("perl", [PROGRAM, folder(), String(size), String(files)], { stdio: ["pipe", "ignore", "pipe"] });
    keeper.stderr!.on("data", (data: Buffer) => (said += data.toString()));
  };
  const write = (text: string) => keeper.stdin!.write(text);
  const stopped = async () => {
    keeper.kill("SIGTERM");
    if (keeper.exitCode === null) await once(keeper, "exit");
  };

  beforeEach(() => {
    all = join(mkdtempSync(join(tmpdir(), "bluegreen-")), "log");
    said = "";
  });
  afterEach(async () => {
    await stopped();
    rmSync(join(all, ".."), { recursive: true, force: true });
  });

  it("hold each line once and whole, in order, in as many files as are kept", async () => {
    start(1_000, 3);
    const lines = Array.from({ length: 60 }, (_, number) => `{"number": ${number}, "text": "${"x".repeat(20)}"}\n`);
    for (const line of lines) {
      write(line.slice(0, 9)); // a line may come in pieces
      write(line.slice(9));
    }
    const text = () => ["requests.log.2", "requests.log.1", "requests.log"].map(read).join("");
    await until(() => existsSync(join(folder(), "requests.log.2")) && text().includes('"number": 59,'));
    assert.equal(text(), lines.join("").slice(-text().length));
    assert.ok(text().startsWith('{"number": '));
    for (const name of ["requests.log.1", "requests.log.2"])
      assert.ok(read(name).length > 900 && read(name).length <= 1_000, String(read(name).length));
    assert.deepEqual(readdirSync(folder()).sort(), ["lock", "requests.log", "requests.log.1", "requests.log.2"]);
  });

  it("take what is still in the pipe at the end, and a line longer than a file", async () => {
    start(100, 2);
    write(`${"y".repeat(500)}\n`);
    await until(() => existsSync(folder()) && read() !== "");
    write("la");
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(read(), `${"y".repeat(500)}\n`, "half a line is nobody's to read");
    write("st\n");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await stopped();
    assert.equal(read(), "last\n");
    assert.equal(read("requests.log.1"), `${"y".repeat(500)}\n`);
  });

  it("go on after a fault, which is told once, with how much it cost", async () => {
    mkdirSync(join(all, ".."), { recursive: true });
    writeFileSync(all, ""); // in the way of the folder
    start(1_000, 2);
    write("a\nb\n");
    await until(() => said.includes("are lost"));
    write("c\n");
    await new Promise((resolve) => setTimeout(resolve, 200));
    rmSync(all);
    write("d\n");
    await until(() => said.includes("again"));
    assert.equal(read(), "d\n");
    assert.match(
      said,
      /^proxy: lines of requests are lost: .*requests\.log: .*\nproxy: keeps lines of requests again; 3 were lost\n$/,
    );
  });

  it("stay for two proxies that are gone, and for all that run", async () => {
    start(1_000, 2);
    await until(() => existsSync(join(folder(), "requests.log")));
    for (const [age, name] of ["newest", "newer", "older", "oldest"].entries()) {
      mkdirSync(join(all, name));
      writeFileSync(join(all, name, "requests.log"), "x\n");
      utimesSync(join(all, name, "requests.log"), 1_000_000 - age, 1_000_000 - age);
    }
    utimesSync(join(folder(), "requests.log"), 1, 1);
    const other = spawn("perl", [PROGRAM, join(all, "other"), "1000", "2"], { stdio: ["pipe", "ignore", "inherit"] });
    await until(() => existsSync(join(all, "other")) && !existsSync(join(all, "oldest")));
    assert.deepEqual(readdirSync(all).sort(), ["newer", "newest", "other", "proxy"]);
    other.kill();
    await once(other, "exit");
  });

  it("are read as one log, by time", () => {
    const line = (time: string, more = "") => `{"time": "2026-01-01T00:00:0${time}Z", "id": "${more}"}`;
    const lines = [line("1"), line("3", "a"), "Proxy production stopped", line("2"), line("3", "b")];
    assert.deepEqual(merged(lines, 10), [line("1"), line("2"), line("3", "a"), line("3", "b")]);
    assert.deepEqual(merged(lines, 2), [line("3", "a"), line("3", "b")]);
    assert.deepEqual(merged(lines, 0), []);
  });
});

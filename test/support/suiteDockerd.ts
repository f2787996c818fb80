import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { connect } from "../../docker/connect";
import { aptOptions, ensureMmdebstrap } from "../../scripts/image/debian";
import { mirrors } from "../../scripts/image/mirrors";
import { projectFolder } from "../../scripts/engine/layout";
import { installPackages, takesPackages, whereIs } from "../../scripts/common/packages";
import { SetupError, type Say } from "../../scripts/common/step";
import { until } from "./stack";

const PACKAGES = ["docker.io", "iptables", "iproute2", "procps", "ca-certificates"];

/**
 * What leads from this machine's root to dockerd's. Not chroot: then an image cannot be imported, and what is run in a
 * container lands in the machine's own files. Its resolver refuses at once, so that no registry is waited for.
 */
const ENTER = `set -e
mount --bind "$ROOT" "$ROOT"; cd "$ROOT"; mkdir -p old
mount --rbind /sys sys; mount --rbind /dev dev; mount -t tmpfs tmpfs run; mount -t tmpfs tmpfs tmp
echo 'nameserver 127.0.0.1' > etc/resolv.conf
pivot_root . old; mount -t proc proc /proc; umount -l /old
exec dockerd -H unix:///socket/docker.sock --cgroup-parent "$GROUP"
`;

/**
 * The dockerd of a suite of Debian, such as sid, whatever this machine has: in a root of its own, with its own data,
 * processes and network. Its published ports are found by what {@link run} starts. Needs root.
 */
export class SuiteDockerd {
  private readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-suite-"));
  private readonly root = join(this.folder, "root");
  /** Its network namespace, and its cgroup. */
  private readonly name = `bg-${randomBytes(3).toString("hex")}`;
  private daemon?: ChildProcess;
  private running?: Pick<ChildProcess, "kill">;
  private interrupted = false;

  constructor(private readonly suite: string) {}

  /**
   * Makes the root, starts the daemon in it and waits until that answers.
   *
   * @returns its version
   * @throws SetupError if that cannot be
   */
  async start(say: Say): Promise<string> {
    if (!takesPackages()) throw new SetupError("A dockerd of another suite needs root, on Debian or Ubuntu.");
    await ensureMmdebstrap(say);
    if (!whereIs("ip")) await installPackages(["iproute2"], "A network of its own needs `ip`.", say);
    say(`Debian ${this.suite}: ${PACKAGES.join(", ")}`);
    await this.makeRoot();
    say("starting its dockerd");
    await execa("ip", ["netns", "add", this.name]);
    await execa("ip", ["-n", this.name, "link", "set", "lo", "up"]);
    this.launch();
    const docker = connect(this.endpoint, "");
    const answers = () =>
      docker.ping().then(
        () => true,
        () => false,
      );
    await until(async () => {
      if (this.daemon?.exitCode !== null) throw new SetupError(`dockerd does not start:\n${this.lastWords}`);
      return answers();
    }, 120_000);
    return (await docker.version()).Version;
  }

  /** Where it is, as in `DOCKER_HOST`. */
  get endpoint(): string {
    return `unix://${this.root}/socket/docker.sock`;
  }

  /**
   * Runs what is behind an npm script with it, in its network or in this machine's, and returns the exit code.
   * Its published ports are in its network, and Debian's packages can be had from this machine's alone.
   */
  async script(where: "its network" | "this network", file: string, ...args: string[]): Promise<number> {
    this.goOn();
    const [command, ...rest] = [
      ...(where === "its network" ? ["nsenter", `--net=/run/netns/${this.name}`] : []),
      ...[process.execPath, join("scripts", "run.mjs"), file, ...args],
    ] as [string, ...string[]];
    const env = { ...process.env, DOCKER_HOST: this.endpoint, DOCKER_CONTEXT: "" };
    const child = (this.running = spawn(command, rest, { stdio: "inherit", env, cwd: projectFolder }));
    return new Promise((resolve, reject) => {
      child.on("exit", (code) => resolve(code ?? 1));
      child.on("error", reject);
    });
  }

  /** Ends what it runs; nothing more is begun. */
  interrupt(signal: NodeJS.Signals): void {
    this.interrupted = true;
    this.running?.kill(signal);
  }

  /** Ends it with all its containers, and takes everything of it away. */
  async remove(): Promise<void> {
    const { daemon } = this;
    if (daemon?.exitCode === null && daemon.signalCode === null) {
      const ended = new Promise((resolve) => daemon.once("exit", resolve));
      daemon.kill("SIGKILL"); // its process namespace dies with it, and so do its containers and mounts
      await ended;
    }
    const groups = `find /sys/fs/cgroup -depth -type d -path '*/${this.name}*' -exec rmdir {} +`;
    await until(async () => !(await execa("sh", ["-c", groups], { reject: false })).failed);
    await execa("ip", ["netns", "del", this.name], { reject: false });
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async makeRoot(): Promise<void> {
    const options = join(this.folder, "apt.conf");
    writeFileSync(options, await aptOptions());
    const args = ["--variant=minbase", `--aptopt=${options}`, `--include=${PACKAGES.join(",")}`, this.suite, this.root];
    let said = "";
    for (const { archive } of await mirrors()) {
      const run = (this.running = execa("mmdebstrap", [...args, archive], { reject: false }));
      const { failed, stderr } = await run;
      this.goOn();
      if (!failed) return void mkdirSync(join(this.root, "socket"));
      said = stderr.trim().split("\n").slice(-8).join("\n");
      rmSync(this.root, { recursive: true, force: true });
    }
    throw new SetupError(`Debian ${this.suite} can't be had; sid, trixie and bookworm are names of suites:\n${said}`);
  }

  private goOn(): void {
    if (this.interrupted) throw new SetupError("interrupted");
  }

  private launch(): void {
    const log = openSync(join(this.folder, "log"), "a");
    const inside = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"];
    this.daemon = spawn("nsenter", [`--net=/run/netns/${this.name}`, ...inside, "sh", "-c", ENTER], {
      detached: true, // a Ctrl-C is for the tests, who still need it
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH, ROOT: this.root, GROUP: `/${this.name}` },
    });
    closeSync(log);
  }

  private get lastWords(): string {
    return readFileSync(join(this.folder, "log"), "utf8").slice(-2_000);
  }
}

import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { installPackages, whereIs } from "../../scripts/common/packages";
import { freePort } from "../../scripts/common/freePort";
import { until } from "./stack";

/** The alias by which the host is known to its own `ssh` alone. */
export const ALIAS = "edge";

/** Where Debian has it, which need not be on the PATH of a user. */
const SSHD = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

/**
 * This machine's Docker behind an sshd of its own, on a port of loopback. Keys, `known_hosts` and the alias are in a
 * folder of their own: an `ssh` that knows them comes first on the PATH, and nobody's `~/.ssh` is read or written.
 */
export class SshHost {
  private readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-ssh-"));
  private daemon?: ChildProcess;
  private readonly others = new Map<string, string>();

  /** Installs what is missing, as root on Debian and its kin. */
  static async start(): Promise<SshHost> {
    if (!SSHD.some((path) => existsSync(path)) || !whereIs("ssh"))
      await installPackages(["openssh-server", "openssh-client"], "The test needs sshd and ssh.", console.log);
    if (!whereIs("docker")) await installPackages(["docker-cli"], "The test needs the docker CLI.", console.log);
    const host = new SshHost();
    await host.serve(await freePort());
    return host;
  }

  /** What a process needs to find the host. */
  get env(): Record<string, string> {
    return { PATH: `${join(this.folder, "bin")}:${process.env.PATH}`, DOCKER_HOST: `ssh://${ALIAS}` };
  }

  private path = (name: string) => join(this.folder, name);

  private async serve(port: number): Promise<void> {
    for (const key of ["host", "user", "stranger"])
      await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", this.path(key)]);
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
    writeFileSync(this.path("sshd_config"), this.daemonConfig(port));
    writeFileSync(this.path("known_hosts"), `[127.0.0.1]:${port} ${readFileSync(this.path("host.pub"), "utf8")}`);
    this.configure({});
    mkdirSync(this.path("bin"));
    const [ssh] = (await execa("which", ["ssh"])).stdout.split("\n");
    // `exec` keeps the process: the noted id is that of ssh itself.
    const wrapper = `#!/bin/sh\necho $$ >> ${this.path("pids")}\nexec ${ssh} -F ${this.path("config")} "$@"\n`;
    writeFileSync(this.path("bin/ssh"), wrapper);
    chmodSync(this.path("bin/ssh"), 0o755);
    const sshd = SSHD.find((path) => existsSync(path))!;
    this.daemon = spawn(sshd, ["-D", "-e", "-f", this.path("sshd_config")], { stdio: "ignore" });
    await this.answering(port);
  }

  private daemonConfig(port: number): string {
    const docker = process.env.DOCKER_HOST ? ` DOCKER_HOST=${process.env.DOCKER_HOST}` : "";
    return [
      ...[`Port ${port}`, "ListenAddress 127.0.0.1", `HostKey ${this.path("host")}`, "PidFile none", "UsePAM yes"],
      ...[`AuthorizedKeysFile ${this.path("user.pub")}`, "StrictModes no", "PasswordAuthentication no"],
      ...["KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password"],
      "AcceptEnv DOCKER_HOST",
      `SetEnv PATH=${process.env.PATH}${docker}`,
      "",
    ].join("\n");
  }

  /** Writes ssh's config: with another key, another `known_hosts` or more lines than it should have. */
  configure({ key = "user", knownHosts = "known_hosts", more = [] as string[] }): void {
    const port = /^Port (\d+)$/m.exec(readFileSync(this.path("sshd_config"), "utf8"))![1];
    const other = [...this.others].flatMap(([name, docker]) => [
      `Match originalhost ${name}`,
      `SetEnv DOCKER_HOST=${docker}`,
    ]);
    const lines = [
      ...[
        `Host ${[ALIAS, ...this.others.keys()].join(" ")}`,
        "HostName 127.0.0.1",
        `Port ${port}`,
        `User ${userInfo().username}`,
      ],
      ...[`IdentityFile ${this.path(key)}`, "IdentitiesOnly yes", "IdentityAgent none"],
      ...[`UserKnownHostsFile ${this.path(knownHosts)}`, "GlobalKnownHostsFile none", "StrictHostKeyChecking yes"],
    ];
    writeFileSync(this.path("config"), [...lines, ...more, ...other, ""].join("\n  "));
  }

  /** Gives the machine another name, under which it has another Docker. */
  also(name: string, docker: string): void {
    this.others.set(name, docker);
    this.configure({});
  }

  private async answering(port: number): Promise<void> {
    await until(() => {
      if (this.daemon!.exitCode !== null) throw new Error(`sshd ended with ${this.daemon!.exitCode}`);
      return new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1", () => (socket.destroy(), resolve(true)));
        socket.on("error", () => resolve(false));
      });
    });
  }

  private get noted(): number[] {
    return existsSync(this.path("pids")) ? readFileSync(this.path("pids"), "utf8").trim().split("\n").map(Number) : [];
  }

  /** The ssh processes that run now. */
  get connections(): number[] {
    return this.noted.filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(this.path("config"));
      } catch {
        return false;
      }
    });
  }

  /** How many connections were made up to now. */
  get made(): number {
    return this.noted.length;
  }

  /** Cuts every connection that runs now, and tells how many. */
  cut(): number {
    const pids = this.connections;
    for (const pid of pids) process.kill(pid, "SIGKILL");
    return pids.length;
  }

  stop(): void {
    this.cut();
    this.daemon?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

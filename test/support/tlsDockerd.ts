import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { connect } from "../../routing/endpoint";
import { certificates } from "./tlsHost";
import { until } from "./stack";

/** Both ends of the cable between this machine and the host. */
const [HERE, THERE] = ["10.231.77.1", "10.231.77.2"];
const NAME = "bg-tls";

const root = (command: string) => execa("sh", ["-ec", command]);

/**
 * A dockerd of its own that is reached by TLS alone, in a network of its own as on another machine: its published
 * ports are not here. Needs root, `ip`, `iptables` and `dockerd`, and takes the project's images from this machine's.
 */
export class TlsDockerd {
  readonly folder = mkdtempSync(join(tmpdir(), "bluegreen-dockerd-"));
  readonly address = THERE;
  private daemon?: ChildProcess;

  static async start(images: string[]): Promise<TlsDockerd> {
    const host = new TlsDockerd();
    try {
      await certificates(host.folder, THERE);
      await host.cable();
      await host.serve();
      await root(`docker save ${images.join(" ")} | docker -H unix://${host.folder}/docker.sock load`);
      return host;
    } catch (error) {
      await host.stop();
      throw error;
    }
  }

  /** What a process needs to find the host. */
  get env(): Record<string, string> {
    return { DOCKER_HOST: `tcp://${THERE}:2376`, DOCKER_CERT_PATH: this.folder, DOCKER_TLS_VERIFY: "1" };
  }

  private cable = () =>
    root(
      `ip netns add ${NAME}; ip link add ${NAME} type veth peer name ${NAME}-in netns ${NAME}
       ip addr add ${HERE}/30 dev ${NAME}; ip link set ${NAME} up
       ip -n ${NAME} addr add ${THERE}/30 dev ${NAME}-in; ip -n ${NAME} link set ${NAME}-in up
       ip -n ${NAME} link set lo up; ip -n ${NAME} route add default via ${HERE}`,
    );

  private async serve(): Promise<void> {
    const [at, log] = [(name: string) => join(this.folder, name), openSync(join(this.folder, "log"), "a")];
    const args = [
      ...[
        "--data-root",
        at("data"),
        "--exec-root",
        at("exec"),
        "--pidfile",
        at("pid"),
        "-H",
        `unix://${at("docker.sock")}`,
      ],
      ...["-H", `tcp://${THERE}:2376`, "--tlsverify", "--tlscacert", at("ca.pem")],
      ...["--tlscert", at("server-cert.pem"), "--tlskey", at("server-key.pem")],
    ];
    // `ip netns exec` would mount /sys anew, without the cgroups that dockerd needs.
    this.daemon = spawn("nsenter", [`--net=/run/netns/${NAME}`, "dockerd", ...args], { stdio: ["ignore", log, log] });
    await until(async () => {
      if (this.daemon!.exitCode !== null) throw new Error(readFileSync(at("log"), "utf8").slice(-2_000));
      return connect(this.env["DOCKER_HOST"]!, this.folder)
        .ping()
        .then(
          () => true,
          () => false,
        );
    }, 60_000);
  }

  /** Breaks every connection to the daemon, and lets none through for a time in milliseconds. */
  async cut(forMs: number): Promise<void> {
    const rule = "INPUT -p tcp --dport 2376 -j REJECT --reject-with tcp-reset";
    await root(`ip netns exec ${NAME} iptables -I ${rule}`);
    await new Promise((resolve) => setTimeout(resolve, forMs));
    await root(`ip netns exec ${NAME} iptables -D ${rule}`);
  }

  async stop(): Promise<void> {
    if (this.daemon && this.daemon.exitCode === null) {
      const ended = new Promise((resolve) => this.daemon!.once("exit", resolve));
      this.daemon.kill();
      await ended;
    }
    await root(
      `grep -o '${this.folder}[^ ]*' /proc/mounts | sort -ru | xargs -r umount -l; ip netns del ${NAME} || true`,
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { execa } from "execa";
import { OwnDockerd } from "./ownDockerd";
import { certificates } from "./tlsHost";

/** A dockerd of its own that is reached by TLS. */
export class TlsDockerd extends OwnDockerd {
  static async create(images: string[]): Promise<TlsDockerd> {
    const host = new TlsDockerd();
    await certificates(host.folder, host.address);
    const at = (name: string) => `${host.folder}/${name}`;
    return host.setUp(
      images,
      ...["-H", `tcp://${host.address}:2376`, "--tlsverify", "--tlscacert", at("ca.pem")],
      ...["--tlscert", at("server-cert.pem"), "--tlskey", at("server-key.pem")],
    );
  }

  override get env(): Record<string, string> {
    return { DOCKER_HOST: `tcp://${this.address}:2376`, DOCKER_CERT_PATH: this.folder, DOCKER_TLS_VERIFY: "1" };
  }

  /** Breaks every connection to the daemon, and lets none through for a time in milliseconds. */
  async cut(forMs: number): Promise<void> {
    const rule = "INPUT -p tcp --dport 2376 -j REJECT --reject-with tcp-reset".split(" ");
    const iptables = (...args: string[]) => execa("ip", ["netns", "exec", this.name, "iptables", ...args]);
    await iptables("-I", ...rule);
    await new Promise((resolve) => setTimeout(resolve, forMs));
    await iptables("-D", ...rule);
  }
}

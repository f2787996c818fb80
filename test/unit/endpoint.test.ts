import assert from "node:assert/strict";
import { endpointOf, remoteHost, tunnelTo } from "../../docker/endpoint";
import { urlOf, type HolderPlan } from "../../plan/loadBalancer";
import { connect } from "../../docker/connect";
import { sshArguments, type SshEndpoint } from "../../docker/ssh";
import { dockerVariables } from "../../scripts/docker/endpoint";
import { dockerSettings } from "../../settings/docker";

const [production, staging]: HolderPlan[] = [
  { name: "production", bind: "0.0.0.0", port: 80 },
  { name: "staging", bind: "127.0.0.1", port: 8081 },
];

describe("the Docker endpoint", () => {
  it("is taken apart, or refused", () => {
    assert.deepEqual(endpointOf("unix:///run/docker.sock"), { kind: "socket", path: "/run/docker.sock" });
    assert.deepEqual(endpointOf("tcp://[fd00::1]:2376"), { kind: "tcp", host: "fd00::1", port: 2376, tls: false });
    assert.deepEqual(endpointOf("ssh://me@Edge_1:22/run/x.sock"), {
      ...{ kind: "ssh", user: "me", host: "Edge_1", port: 22, path: "/run/x.sock" },
    });
    for (const text of [
      "edge",
      "ssh://",
      "ssh://me:secret@edge",
      "ssh://edge?x",
      "ssh://%zz@edge",
      "ftp://edge",
      "unix://",
    ])
      assert.equal(endpointOf(text), undefined, text);
  });

  it("is remote unless it is a socket or on loopback", () => {
    assert.equal(remoteHost("ssh://me@edge:2222"), "edge");
    for (const text of [undefined, "unix:///run/docker.sock", "tcp://127.0.0.1:2376", "ssh://localhost"])
      assert.equal(remoteHost(text), undefined);
  });

  it("is named by the URLs, and by the command that leads to what listens on its loopback", () => {
    assert.equal(urlOf(production!, "edge"), "http://edge");
    assert.equal(urlOf(production!, "fd00::1"), "http://[fd00::1]");
    assert.equal(urlOf(staging!, "edge"), "http://127.0.0.1:8081");
    const holders = [production!, staging!];
    assert.deepEqual(tunnelTo("ssh://me@edge:2222", holders), {
      tunnel: "ssh -N -L 8081:127.0.0.1:8081 -l me -p 2222 edge",
    });
    assert.deepEqual(tunnelTo("tcp://edge:2376", holders), { tunnel: "ssh -N -L 8081:127.0.0.1:8081 edge" });
    assert.deepEqual(tunnelTo("unix:///run/docker.sock", holders), {});
  });

  it("means by ssh what it means to the Docker provider", () => {
    const of = (text: string, options = "") => sshArguments(endpointOf(text) as SshEndpoint, options).join(" ");
    assert.equal(of("ssh://edge"), "-o ConnectTimeout=30 -T -- edge docker system dial-stdio");
    assert.equal(
      of("ssh://me@edge:2222/run/my docker.sock", "-i key -o ConnectTimeout=5"),
      "-l me -p 2222 -i key -o ConnectTimeout=5 -T -- edge docker --host=unix://'/run/my docker.sock' system dial-stdio",
    );
  });

  it("is a client of that endpoint alone, whatever the environment says", () => {
    const before = process.env["DOCKER_HOST"];
    process.env["DOCKER_HOST"] = "tcp://elsewhere:1/prefix";
    const { host, port, socketPath } = connect("unix:///run/docker.sock").modem as unknown as Record<string, unknown>;
    if (before === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = before;
    assert.deepEqual([host, port, socketPath], [undefined, undefined, "/run/docker.sock"]);
  });

  it("is the stack's before the environment's, and refused where only the provider would follow", () => {
    const env = { DOCKER_HOST: "ssh://edge" };
    assert.deepEqual(dockerSettings({}, {}), {});
    assert.deepEqual(dockerSettings({}, env), { host: "ssh://edge" });
    assert.deepEqual(dockerSettings({ "docker:host": "tcp://a:1" }, env), { named: "tcp://a:1", host: "tcp://a:1" });
    const fault = (config: Record<string, string>, more: Record<string, string>) =>
      (dockerSettings(config, { ...env, ...more }) as { fault?: string }).fault ?? "none";
    assert.match(
      fault({ "docker:certPath": "x" }, { DOCKER_CONTEXT: "y" }),
      /rm docker:certPath\n +unset DOCKER_CONTEXT/,
    );
    assert.match(fault({}, { DOCKER_CERT_PATH: "x" }), /ssh:\/\/edge does not use TLS/);
    assert.equal(fault({ "docker:host": "tcp://a:1" }, { DOCKER_CERT_PATH: "x" }), "none");
  });

  it("is told to tools that know no docker contexts", () => {
    const [far, folder] = ["tcp://far:2376", "/nowhere"];
    assert.deepEqual(dockerVariables({ DOCKER_CONFIG: folder }), {});
    assert.deepEqual(dockerVariables({ DOCKER_CONFIG: folder, DOCKER_HOST: far, DOCKER_TLS_VERIFY: "1" }), {
      ...{ DOCKER_HOST: far, DOCKER_CERT_PATH: folder, DOCKER_TLS_VERIFY: "1" },
    });
    assert.deepEqual(dockerVariables({ DOCKER_HOST: "ssh://edge", DOCKER_CONTEXT: "x", DOCKER_CERT_PATH: "y" }), {
      ...{ DOCKER_HOST: "ssh://edge", DOCKER_CONTEXT: "", DOCKER_CERT_PATH: "" },
    });
  });
});

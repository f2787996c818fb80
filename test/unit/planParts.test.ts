import assert from "node:assert/strict";
import { capability, digestOf, privilegesOf } from "../../plan/normalize";
import { holdersOf, loadBalancerPlan, urlOf } from "../../plan/loadBalancer";
import { portKey, refusedBind } from "../../plan/holders";
import { plan } from "../../plan/plan";
import { commandText, inOrder, releasePlan, runsOnce, versionFor } from "../../plan/release";
import { rolloutOf } from "../../plan/rollout";
import { isCurrent, routingPlan } from "../../plan/routing";
import { volumeName } from "../../plan/volumes";
import { workersIn } from "../../plan/workers";
import { labSettings } from "../support/proxyLab";

describe("parts of a plan: the command that runs once", () => {
  const release = (config: Record<string, unknown>) =>
    releasePlan(labSettings({ release: { command: ["m"] }, ...config }));
  const scaled = (blue: number, green: number) => ({
    ...{ activeColor: "both", blue: { tag: "v1", scale: blue }, green: { tag: "v1", scale: green } },
  });

  it("runs first for the color that has more traffic, blue where both have as much", () => {
    assert.equal(release({})?.first, "green");
    assert.equal(release({ activeColor: "blue" })?.first, "blue");
    assert.equal(release(scaled(1, 1))?.first, "blue");
    assert.equal(release(scaled(2, 1))?.first, "blue");
    assert.equal(release(scaled(1, 2))?.first, "green");
    assert.deepEqual(
      [inOrder("blue"), inOrder("green")],
      [
        ["blue", "green"],
        ["green", "blue"],
      ],
    );
  });

  it("knows the Docker that config names, and when it is to run again, and nothing where config names none", () => {
    const settings = labSettings({ release: { command: ["m"] } });
    assert.deepEqual(Object.keys(releasePlan(settings)!).sort(), ["command", "first", "secret", "timeout"]);
    assert.equal(releasePlan({ ...settings, docker: { named: "ssh://edge" } })?.dockerHost, "ssh://edge");
    assert.equal(releasePlan({ ...settings, release: { ...settings.release, again: "x" } })?.again, "x");
    assert.equal(releasePlan(labSettings()), undefined);
  });

  it("is told in one line that is not too long, and a secret one not at all", () => {
    const text = (command: string[], secret = false) => commandText({ command, secret });
    assert.equal(text(["./migrate", "--to\n2"]), "./migrate --to 2");
    assert.equal(text(["./migrate"], true), "release.command");
    const longest = [...Array(500).keys()].find((length) => text(["x".repeat(length + 1)]).endsWith(" …"))!;
    assert.equal(text(["x".repeat(longest)]), "x".repeat(longest));
    assert.equal(text(["x".repeat(longest + 1)]), `${"x".repeat(longest)} …`);
  });

  it("is told with the version and the colors, and whether it is known that it will run", () => {
    assert.equal(versionFor("shop:v5", ["blue", "green"]), "shop:v5 for blue and green");
    const told = (sure: boolean) => runsOnce({ command: ["m"], secret: false }, "shop:v5", ["blue"], sure);
    assert.equal(told(true), "m once in shop:v5 for blue before its replicas start");
    assert.equal(told(false), `${told(true)}, unless it has run for that image and environment before`);
  });
});

describe("parts of a plan: the routing", () => {
  it("is that of this version alone", () => {
    const { version } = routingPlan("web", labSettings());
    assert.equal(isCurrent({ version }), true);
    assert.equal(isCurrent({ version: version - 1 }), false);
  });

  it("has the Docker that config names, and no path for a load balancer in front where there is none", () => {
    const settings = labSettings();
    const { dockerHost, settings: own } = routingPlan("web", { ...settings, docker: { named: "ssh://edge" } });
    assert.equal(dockerHost, "ssh://edge");
    assert.equal("dockerHost" in routingPlan("web", settings), false);
    assert.equal("healthPath" in own, false);
  });

  it("logs in files only where all requests are logged, and there", () => {
    const log = (requests: string, to: string) =>
      routingPlan("web", labSettings({ loadBalancer: { log: { requests, to } } })).settings.log;
    assert.deepEqual(
      [log("all", "files"), log("all", "output"), log("errors", "files"), log("errors", "output")],
      ["files", "all", "errors", "errors"],
    );
  });

  it("makes a certificate for itself only where none is given, for its names or this machine's", () => {
    const settings = labSettings({ tls: { selfSigned: true } });
    assert.deepEqual(routingPlan("web", settings).selfSigned, ["localhost"]);
    const given = { ...settings, tls: { ...settings.tls!, certificates: [{ certificate: "c", key: "k" }] } };
    assert.equal("selfSigned" in routingPlan("web", given as never), false);
  });

  it("has a share by scale, where both colors are live", () => {
    const color = (scale: number) => ({ tag: "v1", scale });
    const both = labSettings({ activeColor: "both", blue: color(1), green: color(3) });
    assert.equal(routingPlan("web", both).share, 2_500);
  });
});

describe("parts of a plan: how a switch is made", () => {
  it("is there as soon as one thing is asked for", () => {
    const there = (config: Record<string, unknown>) => rolloutOf("web", labSettings(config)) !== undefined;
    assert.equal(there({}), false);
    for (const one of [
      { gate: { requests: [{ path: "/" }] } },
      { canary: { steps: [5] } },
      { watch: { for: "1m" } },
      { hooks: { onRollback: "true" } },
    ])
      assert.equal(there(one), true, JSON.stringify(one));
  });
});

describe("parts of a plan: containers and names", () => {
  it("has workers by name, those with a scale, and all of both colors", () => {
    const workers = {
      z: { command: ["z"] },
      a: { command: ["a"], scale: 2, both: true },
      none: { command: ["n"], scale: 0 },
    };
    const made = plan(labSettings({ workers }));
    assert.deepEqual(Object.keys(workersIn(made)), ["a", "z"]);
    assert.deepEqual(workersIn(made)["a"], {
      ...{ both: true, blue: ["web-blue-a-1", "web-blue-a-2"], green: ["web-green-a-1", "web-green-a-2"] },
    });
  });

  it("has the holders of all listeners, that of TLS last", () => {
    const names = (config: Record<string, unknown>) =>
      holdersOf(loadBalancerPlan("web", labSettings({ loadBalancer: { scale: 2 }, ...config }))).map(
        ({ name }) => name,
      );
    assert.deepEqual(names({}), ["production", "staging", "metrics-1", "metrics-2"]);
    assert.deepEqual(names({ tls: { selfSigned: true } }), [
      "production",
      "staging",
      "metrics-1",
      "metrics-2",
      "https",
    ]);
  });

  it("has a URL that a browser takes", () => {
    const at = (bind: string, port: number, name = "production", host?: string) => urlOf({ name, bind, port }, host);
    assert.equal(at("0.0.0.0", 80), "http://localhost");
    assert.equal(at("0.0.0.0", 443, "https", "shop.test"), "https://shop.test");
    assert.equal(at("0.0.0.0", 8_443, "https", "::1"), "https://[::1]:8443");
    assert.equal(at("192.0.2.1", 8_080, "production", "shop.test"), "http://192.0.2.1:8080");
  });

  it("tells Docker values as Docker tells them back", () => {
    assert.deepEqual(["ALL", "CAP_ALL", "NET_RAW", "CAP_NET_RAW"].map(capability), [
      ...["ALL", "ALL", "CAP_NET_RAW", "CAP_NET_RAW"],
    ]);
    assert.deepEqual(
      [privilegesOf(true), privilegesOf(false)],
      [["no-new-privileges:true"], ["no-new-privileges:false"]],
    );
    assert.equal(digestOf("docker.io/shop:v1", "shop@sha256:1"), "sha256:1");
    assert.equal(digestOf("docker.io/library/shop:v1", "shop@sha256:1"), "sha256:1");
    assert.equal(digestOf("x/docker.io/shop:v1", "x/shop@sha256:1"), undefined);
    assert.equal(digestOf("shop:v1", "other@sha256:1"), undefined);
    assert.equal(digestOf("shop:v1"), undefined);
  });

  it("names no two volumes alike", () => {
    const name = (project: string, stack: string) => volumeName({ project, name: stack }, "data");
    assert.equal(name("my_shop", "v1.prod"), "my__shop.v1_dprod.data");
    assert.notEqual(name("a_d", "x"), name("a.", "x"));
  });

  it("refuses another address for ports that stay, TLS's too, with the way round", () => {
    const holder = (listener: string, bind: string, port: number) => ({ listener, container: listener, bind, port });
    const at = (bind: string) => [holder("production", bind, 80), holder("https", bind, 443)];
    assert.equal(
      refusedBind(at("192.0.2.1"), at("192.0.2.2")),
      "loadBalancer.bind: ports 80 and 443 are in use on 192.0.2.1, and cannot move to 192.0.2.2 without a gap; nothing was changed. Stay:\n" +
        "    pulumi config set --path loadBalancer.bind 192.0.2.1\nor go by way of another port, and back after that:\n" +
        "    pulumi config set --path loadBalancer.port 81 && pulumi config set --path tls.port 444 && pulumi up",
    );
    assert.equal(portKey("metrics-2"), "loadBalancer.metricsPort");
  });
});

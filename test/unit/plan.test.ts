import assert from "node:assert/strict";
import { urlOf } from "../../plan/loadBalancer";
import { plan, runs } from "../../plan/plan";
import { capability, cpusText, digestOf } from "../../plan/normalize";
import { activeColorOf, partOf, shareOf, standbyColor } from "../../model/share";
import { settingsOf, type Settings } from "../../settings/settings";

const settings = (config: Record<string, unknown> = {}): Settings => {
  const made = settingsOf(
    { activeColor: "green", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 3 }, ...config },
    new Set(),
  );
  assert.ok(!("faults" in made));
  return made;
};

describe("the share", () => {
  it("is all or nothing for one color", () => {
    assert.equal(shareOf("blue", { blue: 1, green: 9 }), 10_000);
    assert.equal(shareOf("green", { blue: 9, green: 1 }), 0);
  });
  it("follows the scales for both colors, or the weights where there are any", () => {
    assert.equal(shareOf("both", { blue: 8, green: 2 }), 8_000);
    assert.equal(shareOf("both", { blue: 4, green: 6 }), 4_000);
    assert.equal(shareOf("both", { blue: 1, green: 2 }), 3_333);
    assert.equal(shareOf("both", { blue: 8, green: 2 }, { blue: 20, green: 80 }), 2_000);
  });
  it("is told in the config's words, and leaves the smaller part to staging, blue at a tie", () => {
    assert.deepEqual([0, 1, 9_999, 10_000].map(activeColorOf), ["green", "both", "both", "blue"]);
    assert.deepEqual([0, 5_000, 5_001, 10_000].map(standbyColor), ["blue", "blue", "green", "green"]);
    assert.deepEqual([partOf("blue", 2_000), partOf("green", 2_000)], [2_000, 8_000]);
  });
});

describe("the plan", () => {
  it("names the pair, its replicas and the load balancer's parts after the site", () => {
    const { services, loadBalancer, routing } = plan(settings());
    assert.deepEqual(services.green.replicas, ["web-green-1", "web-green-2", "web-green-3"]);
    assert.deepEqual([services.blue.image, services.green.image], ["shop:v2", "shop:v1"]);
    assert.deepEqual(loadBalancer.proxies, [
      { name: "web-proxy-1", holders: ["production", "staging", "metrics-1"] },
      { name: "web-proxy-2", holders: ["production", "staging", "metrics-2"] },
    ]);
    assert.deepEqual([routing.share, routing.activeColor], [0, "green"]);
    assert.deepEqual(runs(services.green), { tag: "v1", scale: 3 });
    assert.equal(plan(settings(), "shop").services.blue.name, "shop-blue");
  });

  it("changes in nothing but activeColor and share by a switch", () => {
    const [before, after] = [plan(settings()), plan(settings({ activeColor: "blue" }))];
    assert.deepEqual({ ...after, routing: { ...after.routing, activeColor: "green", share: 0 } }, before);
    assert.equal(after.routing.share, 10_000);
  });

  it("speaks Docker's units, sorts what has no order, and completes capabilities", () => {
    const app = {
      memory: "1g",
      stopTimeout: "1500ms",
      capDrop: ["NET_RAW", "ALL"],
      env: { B: "2", A: "1" },
      volumes: ["data:/data:ro", "/srv:/srv"],
      log: { maxSize: "5m" },
    };
    const { blue } = plan(settings({ app })).services;
    assert.deepEqual(
      [blue.memory, blue.stopTimeout, blue.capDrop, blue.envs],
      [1024, 2, ["ALL", "CAP_NET_RAW"], ["A=1", "B=2"]],
    );
    assert.deepEqual(blue.volumes, [
      { source: { own: "data" }, containerPath: "/data", readOnly: true },
      { source: { hostPath: "/srv" }, containerPath: "/srv", readOnly: false },
    ]);
    assert.deepEqual(blue.log, { "max-size": "5120k", "max-file": "3" });
  });

  it("writes values as Docker and its provider tell them back", () => {
    const { blue } = plan(settings({ app: { cpus: "0.50", capDrop: ["NET_RAW", "CAP_NET_RAW"] } })).services;
    assert.deepEqual([blue.cpus, blue.capDrop], ["0.5", ["CAP_NET_RAW"]]);
    assert.deepEqual(["1", "2.0", "10", "105", "10.5", "2.25"].map(cpusText), [
      "1.0",
      "2.0",
      "10.",
      "105.",
      "10.5",
      "2.25",
    ]);
    assert.deepEqual(["ALL", "CAP_ALL", "NET_RAW", "CAP_CHOWN"].map(capability), [
      "ALL",
      "ALL",
      "CAP_NET_RAW",
      "CAP_CHOWN",
    ]);
  });

  it("tells the digest of the image's own repository, and of no other", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    assert.equal(digestOf("reg:5000/shop:v1", `reg:5000/shop@${digest}`), digest);
    assert.equal(digestOf(`reg:5000/shop:v1@${digest}`, `reg:5000/shop@${digest}`), digest);
    assert.equal(digestOf("docker.io/library/nginx:1", `nginx@${digest}`), digest);
    assert.equal(digestOf("shop:v1", `reg:5000/shop@${digest}`), undefined);
    assert.equal(digestOf("reg:5000/shop-old:v1", `reg:5000/shop@${digest}`), undefined);
    assert.deepEqual([digestOf("shop:v1", ""), digestOf("shop:v1")], [undefined, undefined]);
  });

  it("keeps staging and metrics on loopback", () => {
    const { production, staging, metrics } = plan(settings({ loadBalancer: { port: 8080 } })).loadBalancer;
    assert.deepEqual(
      [production, staging, ...metrics].map((holder) => urlOf(holder)),
      ["http://localhost:8080", "http://127.0.0.1:8081", "http://127.0.0.1:8404", "http://127.0.0.1:8405"],
    );
    assert.equal(urlOf({ ...production, port: 80 }, "edge.example.com"), "http://edge.example.com");
  });
});

import assert from "node:assert/strict";
import { NO_ASSETS } from "../../settings/assets";
import { settingsOf, type Settings } from "../../settings/settings";
import { stackNameFault } from "../../settings/stackName";

const GOOD = {
  activeColor: "green",
  image: "shop",
  blue: { tag: "v2", scale: 1 },
  green: { tag: "v1", scale: 3 },
};

const none: ReadonlySet<string> = new Set();

/** The settings of a config that must be right. */
function accepted(config: Record<string, unknown>, secret = none): Settings {
  const settings = settingsOf(config, secret);
  assert.ok(!("faults" in settings), "message" in settings ? settings.message : "");
  return settings;
}

/** The faults of a config, by key. */
function refused(config: Record<string, unknown>, secret = none) {
  const settings = settingsOf(config, secret);
  assert.ok("faults" in settings, "the config was accepted");
  return { message: settings.message, keys: settings.faults.map(({ key }) => key), faults: settings.faults };
}

describe("settings", () => {
  it("completes a small config with the documented defaults", () => {
    const { loadBalancer, gate, drain, blue, sticky } = accepted(GOOD);
    assert.deepEqual(
      {
        port: loadBalancer.port,
        staging: loadBalancer.stagingPort,
        scale: loadBalancer.scale,
        bind: loadBalancer.bind,
      },
      { port: 80, staging: 8081, scale: 2, bind: "0.0.0.0" },
    );
    assert.deepEqual([gate.timeout, drain.timeout, sticky], [60_000, 30_000, false]);
    assert.deepEqual(blue.health, { path: "/", headers: {}, interval: 1_000, timeout: 2_000 });
    assert.equal(blue.stopTimeout, 30_000);
    assert.deepEqual(blue.log, { maxSize: 10 * 2 ** 20, maxFiles: 3 });
  });

  it("merges env, health and log by name and replaces all else", () => {
    const app = { env: { A: "1", B: "2" }, health: { path: "/up" }, command: ["x"], networks: ["db"] };
    const { blue, green } = accepted({
      ...GOOD,
      app,
      blue: { ...GOOD.blue, env: { B: 3 }, health: { interval: "2s" }, command: ["y", "z"], image: "other" },
    });
    assert.deepEqual(blue.env, { A: "1", B: "3" });
    assert.deepEqual(blue.health, { path: "/up", headers: {}, interval: 2_000, timeout: 2_000 });
    assert.deepEqual([blue.command, blue.networks, blue.image], [["y", "z"], ["db"], "other"]);
    assert.deepEqual([green.command, green.env, green.image], [["x"], app.env, "shop"]);
  });

  it("takes what `pulumi config set --path` makes of a text", () => {
    const { blue, green, sticky } = accepted({
      ...GOOD,
      sticky: "true",
      blue: { tag: 20261123, scale: "2" },
      green: { tag: "1.10", scale: 3 },
    });
    assert.deepEqual([blue.tag, blue.scale, green.tag, sticky], ["20261123", 2, "1.10", true]);
  });

  it("wants a digest with every tag where that is asked for, and says how to find it", () => {
    const pinned = `v1@sha256:${"a1".repeat(32)}`;
    const blue = { tag: 14, scale: 1, image: "registry.example.com/shop" };
    const { keys, message } = refused({ ...GOOD, requireDigest: "true", blue, green: { tag: pinned, scale: 3 } });
    assert.deepEqual(keys, ["blue.tag"]);
    assert.match(message, /got "14"; allowed: a tag with its digest, such as 14@sha256:…, since requireDigest is true/);
    assert.ok(
      message.includes(
        `pulumi config set --path blue.tag "14@$(docker pull registry.example.com/shop:14 | sed -n 's/^Digest: //p')"`,
      ),
      message,
    );
    const both = { requireDigest: true, blue: { ...blue, tag: pinned }, green: { tag: pinned, scale: 3 } };
    assert.deepEqual(accepted({ ...GOOD, ...both }).blue.tag, pinned);
    assert.deepEqual(refused({ ...GOOD, requireDigest: true }).keys, ["blue.tag", "green.tag"]);
    accepted({ ...GOOD, requireDigest: false });
    assert.deepEqual(refused({ ...GOOD, requireDigest: true, image: "a; b" }).keys, ["image"]);
  });

  it("refuses a tag that lost digits as a number, and says how to keep them", () => {
    const { keys, message } = refused({ ...GOOD, blue: { tag: 2 ** 60, scale: 1 } });
    assert.deepEqual(keys, ["blue.tag"]);
    assert.match(message, /--type string/);
  });

  for (const [what, config, key] of [
    ["an unknown color", { activeColor: "purple" }, "activeColor"],
    ["a negative scale", { blue: { tag: "v1", scale: -1 } }, "blue.scale"],
    ["half a replica", { blue: { tag: "v1", scale: 2.5 } }, "blue.scale"],
    ["an unknown key", { gren: 1 }, "gren"],
    ["an unknown key below", { loadBalancer: { ports: 80 } }, "loadBalancer.ports"],
    ["a tag with a space", { blue: { tag: "v 1", scale: 1 } }, "blue.tag"],
    ["a missing tag", { blue: { scale: 1 } }, "blue.tag"],
    ["a time without unit", { drain: { timeout: 30 } }, "drain.timeout"],
    ["an image with its tag", { image: "shop:v1" }, "image"],
    ["a health path without slash", { app: { health: { path: "up" } } }, "app.health.path"],
    ["two listeners on one port", { loadBalancer: { port: 8081 } }, "loadBalancer.stagingPort"],
    ["traffic for no replica", { green: { tag: "v1", scale: 0 } }, "green.scale"],
    ["weights beyond 100", { weights: { blue: 30, green: 80 } }, "weights"],
    ["a text instead of a map", { app: "x" }, "app"],
    ["a login without its user", { registry: { password: "x" } }, "registry.user"],
    ["a login without its password", { registry: { user: "x" } }, "registry.password"],
    ["no processor", { app: { cpus: "0" } }, "app.cpus"],
    ["a processor's share that the provider rounds", { app: { cpus: "0.05" } }, "app.cpus"],
    ["a host with a slash", { hosts: ["shop.example.com/x"] }, "hosts"],
    ["a network that is none", { loadBalancer: { trustedProxies: ["300.0.0.1"] } }, "loadBalancer.trustedProxies"],
    ["the PROXY protocol from anybody", { loadBalancer: { proxyProtocol: true } }, "loadBalancer.proxyProtocol"],
    ["a rate without a time", { limits: { rate: "100" } }, "limits.rate"],
    ["TLS without a certificate", { tls: { port: 8443 } }, "tls.certificates"],
    ["a certificate without its key", { tls: { certificates: [{ certificate: "x.pem" }] } }, "tls.certificates"],
    ["TLS on production's own port", { tls: { selfSigned: true, port: 80 } }, "tls.port"],
    ["a proxy's metrics on staging's port", { loadBalancer: { metricsPort: 8080 } }, "loadBalancer.metricsPort"],
    ["a page that nobody can read", { pages: { maintenance: "none.html" } }, "pages.maintenance"],
    ["a broken volume", { app: { volumes: ["relative:path"] } }, "app.volumes"],
    ["a volume over the whole container", { app: { volumes: ["data:/"] } }, "app.volumes"],
    ["a volume whose name Docker refuses", { app: { volumes: ["_data:/data"] } }, "app.volumes"],
    ["two volumes at one place", { blue: { ...GOOD.blue, volumes: ["a:/x", "b:/x/"] } }, "blue.volumes"],
    [
      "two volumes at one place, written otherwise",
      { blue: { ...GOOD.blue, volumes: ["a:/x/y", "/b:/x//y"] } },
      "blue.volumes",
    ],
    ["a volume over the whole container by a detour", { app: { volumes: ["data:/a/.."] } }, "app.volumes"],
    ["a label that DNS does not take", { hosts: [`${"a".repeat(64)}.example`] }, "hosts"],
    [
      "a check's path of more than 1000 characters",
      { app: { health: { path: `/${"a".repeat(1_000)}` } } },
      "app.health.path",
    ],
    [
      "a volume of Docker's with a name that Docker refuses",
      { app: { volumes: ["d:/data"] }, volumes: { d: { external: true } } },
      "volumes",
    ],
    ["a word on a volume that nobody mounts", { volumes: { dta: { external: true } } }, "volumes.dta"],
    [
      "a name for a volume of the stack's own",
      { app: { volumes: ["data:/data"] }, volumes: { data: { external: false, name: "x1" } } },
      "volumes",
    ],
    ["a volume of which nothing is said", { app: { volumes: ["data:/data"] }, volumes: { data: {} } }, "volumes"],
    ["less memory than Docker takes", { app: { memory: "5m" } }, "app.memory"],
    ["metrics beyond the last port", { loadBalancer: { metricsPort: 65_535 } }, "loadBalancer.metricsPort"],
    [
      "the length as the color's header",
      { loadBalancer: { colorHeader: "content-length" } },
      "loadBalancer.colorHeader",
    ],
    ["cookies as the color's header", { loadBalancer: { colorHeader: "Set-Cookie" } }, "loadBalancer.colorHeader"],
    ["a family's header", { loadBalancer: { colorHeader: "Sec-Color" } }, "loadBalancer.colorHeader"],
  ] as const) {
    it(`refuses ${what}`, () => assert.deepEqual(refused({ ...GOOD, ...config }, new Set(["registry"])).keys, [key]));
  }

  it("tells all faults at once: key, value got, values allowed, command", () => {
    const { message, keys } = refused({
      activeColor: "purple",
      image: "shop",
      gren: 1,
      blue: { tag: "a b", scale: -1 },
    });
    assert.deepEqual(keys.sort(), ["activeColor", "blue.scale", "blue.tag", "green.scale", "green.tag", "gren"]);
    assert.match(
      message,
      /activeColor: got "purple"; allowed: blue, green or both\n +pulumi config set activeColor blue/,
    );
    assert.match(message, /blue\.scale: got -1; .*\n +pulumi config set --path blue\.scale 3/);
    assert.match(message, /gren: .*did you mean green\?/);
    assert.match(message, /green\.tag: it is not set/);
  });

  it("never tells a secret", () => {
    const { message } = refused({ ...GOOD, app: { env: { "bad name": "hunter2" } } }, new Set(["app"]));
    assert.doesNotMatch(message, /hunter2/);
    assert.match(message, /\[secret\]/);
  });

  it("refuses a password that is no secret, does not repeat it, and says how to set it", () => {
    const login = { user: "deploy", password: "hunter2" };
    for (const [config, key] of [
      [{ registry: login }, "registry.password"],
      [{ blue: { ...GOOD.blue, registry: login } }, "blue.registry.password"],
    ] as const) {
      const { keys, message } = refused({ ...GOOD, ...config });
      assert.deepEqual(keys, [key]);
      assert.ok(message.includes(`pulumi config set --path ${key} --secret`), message);
      assert.doesNotMatch(message, /hunter2/);
    }
    assert.doesNotMatch(refused({ ...GOOD, registry: "deploy:hunter2" }).message, /hunter2/);
    assert.doesNotMatch(refused({ ...GOOD, registry: { ...login, pasword: "hunter2" } }).message, /hunter2/);
  });

  it("looks at the password itself where the file shows that another value beside it is the secret", () => {
    const config = { ...GOOD, blue: { ...GOOD.blue, registry: { user: "deploy", password: "hunter2" } } };
    const outside = { ...NO_ASSETS, isPlain: (_: object, path: readonly string[]) => path.at(-1) === "password" };
    const settings = settingsOf(config, new Set(["blue"]), outside);
    assert.ok("faults" in settings);
    assert.deepEqual(
      settings.faults.map(({ key }) => key),
      ["blue.registry.password"],
    );
    assert.doesNotMatch(settings.message, /hunter2/);
    assert.ok(!("faults" in settingsOf(config, new Set(["blue"]))));
  });

  it("says that a secret is shown where nothing keeps it", () => {
    assert.match(
      accepted(GOOD, new Set(["image", "app"])).warnings.join(),
      /^image was set with --secret, but is shown in plain text/,
    );
  });

  it("takes what is said of volumes, the last ports, and a header without a meaning", () => {
    const volumes = { data: { external: "true", name: "old_data" } };
    const config = { app: { volumes: ["data:/data"], memory: "6m" }, volumes };
    assert.deepEqual(accepted({ ...GOOD, ...config }).volumes, { data: { external: true, name: "old_data" } });
    accepted({ ...GOOD, loadBalancer: { metricsPort: 65_534, colorHeader: "X-Color" } });
    accepted({ ...GOOD, loadBalancer: { metricsPort: 65_535, scale: 1, colorHeader: "Color" } });
  });

  it("mends a word on a volume that nobody mounts by that word on one of which nothing is said", () => {
    const external = { external: true };
    const mends = (volumes: string[], said: object) =>
      refused({ ...GOOD, app: { volumes }, volumes: said }).faults.map(({ key, mend }) => [key, mend]);
    assert.deepEqual(mends(["data:/data", "my.logs:/logs"], { data: external, "my.log": external }), [
      [
        'volumes["my.log"]',
        `pulumi config rm --path 'volumes["my.log"]' && pulumi config set --path 'volumes["my.logs"].external' true`,
      ],
    ]);
    assert.deepEqual(mends(["/srv:/srv"], { data: external }), [
      ["volumes.data", "pulumi config rm --path volumes.data"],
    ]);
  });

  it("takes an entrypoint of one empty text, none at all, only with a command that names the program", () => {
    const faults = (config: object) => refused({ ...GOOD, ...config }).faults.map(({ key, mend }) => [key, mend]);
    const none = { entrypoint: [""] };
    const command = (key: string) => `pulumi config set --path '${key}.command[0]' /app`;
    accepted({ ...GOOD, app: { ...none, command: ["/shop", ""] } });
    accepted({ ...GOOD, app: { entrypoint: ["/shop", ""] }, blue: { ...GOOD.blue, entrypoint: [] } });
    accepted({ ...GOOD, app: { command: ["/shop"] }, blue: { ...GOOD.blue, ...none } });
    for (const app of [none, { ...none, command: [] }, { ...none, command: ["", "/shop"] }])
      assert.deepEqual(faults({ app }), [["app.entrypoint", command("app")]]);
    assert.deepEqual(faults({ app: none, blue: { ...GOOD.blue, command: ["/shop"] } }), [
      ["app.entrypoint", command("app")],
    ]);
    assert.deepEqual(faults({ blue: { ...GOOD.blue, ...none } }), [["blue.entrypoint", command("blue")]]);
    assert.deepEqual(faults({ app: { command: ["/shop"] }, blue: { ...GOOD.blue, ...none, command: [""] } }), [
      ["blue.entrypoint", command("blue")],
    ]);
    assert.deepEqual(faults({ app: { entrypoint: ["", "/shop"], command: ["/shop"] } }), [
      ["app.entrypoint", "pulumi config set --path 'app.entrypoint[0]' /app"],
    ]);
    assert.match(
      refused({ ...GOOD, app: none }).message,
      /app\.entrypoint: got \[""\]; allowed: \[""\], no entrypoint at all, only where app\.command begins with the program to run\n/,
    );
  });

  it("sends a login to the registry of the image that it stands beside, and to no other", () => {
    const login = { user: "deploy", password: "hunter2" };
    const registries = (config: object) => {
      const { blue, green } = accepted({ ...GOOD, ...config }, new Set(["registry", "blue"]));
      return { blue: blue.registry, green: green.registry };
    };
    const there = { host: "reg.example.com:5000", ...login };
    const image = "reg.example.com:5000/shop";
    assert.deepEqual(registries({ image, registry: login }), { blue: there, green: there });
    assert.deepEqual(registries({ image, registry: login, blue: { ...GOOD.blue, image: "ghcr.io/shop" } }).blue, {
      host: "ghcr.io",
    });
    assert.deepEqual(registries({ blue: { ...GOOD.blue, image, registry: login } }), {
      blue: there,
      green: { host: "docker.io" },
    });
    const hosts = ["shop", "acme/shop", "localhost/shop", "a.b/c/d", "host:5000/x"].map(
      (name) => registries({ image: name }).green.host,
    );
    assert.deepEqual(hosts, ["docker.io", "docker.io", "localhost", "a.b", "host:5000"]);
  });

  it("marks what both colors run as secret if app holds a secret", () => {
    const app = { env: { KEY: "x" } };
    assert.equal(accepted({ ...GOOD, app }, new Set(["app"])).blue.secret, true);
    assert.equal(accepted({ ...GOOD, app }).blue.secret, false);
  });
});

describe("a stack's name", () => {
  const fault = (name: string, pattern = "${name}-${stack}-${hex(7)}") =>
    stackNameFault({ project: "shop", name }, JSON.stringify({ pattern }));

  it("is one that Docker's DNS takes as a part of a container's", () => {
    for (const name of ["dev", "Prod_1", "a.b", "x".repeat(41), `${"x".repeat(40)}.${"y".repeat(50)}`])
      assert.equal(fault(name), undefined, name);
    for (const name of ["x".repeat(42), "a..b", `a.${"x".repeat(56)}`])
      assert.match(fault(name)!, /stack rename/, name);
  });

  it("is told with the way to another, and to names without it", () => {
    const text = fault("feature-with-a-very-long-name-that-nobody-needs-at-all")!;
    assert.match(text, /pulumi stack rename feature-with-a-very-long-name-that-nobody\n/);
    assert.match(text, /pulumi config set --path pulumi:autonaming\.pattern '\$\{name\}-\$\{hex\(7\)\}'/);
    assert.equal(fault("x".repeat(60), "${name}-${hex(7)}"), undefined);
  });
});

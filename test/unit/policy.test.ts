import assert from "node:assert/strict";
import {
  ALLOWED_PATHS,
  abruptStop,
  hostPath,
  isReplica,
  newPrivileges,
  openListener,
  privilegedMode,
  publishedPort,
  rootUser,
  unpinnedImage,
  withoutDigest,
  type ContainerProps,
  type ContainerRule,
} from "../../policy/rules";

describe("the rule of pinned images", () => {
  for (const image of [
    "shop:v1",
    "registry.example.com:5000/shop:1.2",
    `shop@sha256:${"a".repeat(64)}`,
    `shop:latest@sha256:${"a".repeat(64)}`,
  ])
    it(`accepts ${image.slice(0, 40)}`, () => assert.equal(unpinnedImage(image), undefined));
  for (const image of ["shop", "registry.example.com:5000/shop", "shop:latest"])
    it(`refuses ${image} and names it`, () => assert.ok(unpinnedImage(image)?.includes(image)));
});

describe("the rule of digests", () => {
  const digest = `sha256:${"0a".repeat(32)}`;
  it("reports none for an image with a digest", () => {
    for (const image of [`shop@${digest}`, `shop:v1@${digest}`, `registry.example.com:5000/shop:1.2@${digest}`])
      assert.equal(withoutDigest(image), undefined);
  });
  it("reports an image if it has none, or one that is cut short", () => {
    for (const image of ["shop", "shop:v1", `shop:sha256-${"0a".repeat(32)}`, "shop@sha256:0a", `shop@${digest}0`, ""])
      assert.match(withoutDigest(image) ?? "", /has no digest[^]*blue\.tag TAG@sha256:…/);
  });
});

/** A replica as this program declares it. */
const GOOD: ContainerProps = {
  labels: [{ label: "bluegreen.color", value: "blue" }],
  volumes: [{}],
  stopTimeout: 30,
  destroyGraceSeconds: 30,
  user: "1000",
  securityOpts: ["no-new-privileges:true"],
};

const bind = (source: string): ContainerProps => ({ mounts: [{ type: "bind", source }] });

describe("the rules for a color's replicas", () => {
  const RULES: Record<
    string,
    { rule: ContainerRule; refused: [ContainerProps, RegExp][]; accepted: ContainerProps[] }
  > = {
    "published ports": {
      rule: publishedPort,
      refused: [
        [{ ports: [{ internal: 80, external: 8080 }] }, /publishes 8080:/],
        [{ ports: [{ internal: 80 }] }, /publishes 80:/],
        [{ publishAllPorts: true }, /publishes all its ports/],
      ],
      accepted: [{ ports: [] }, { publishAllPorts: false }],
    },
    "privileged mode": {
      rule: privilegedMode,
      refused: [[{ privileged: true }, /privileged mode/]],
      accepted: [{ privileged: false }],
    },
    "a path of the host that is not allowed": {
      rule: hostPath(ALLOWED_PATHS),
      refused: [
        ...[
          ...["/var/run/docker.sock", "/run/docker.sock/", "/var/run/", "/run", "/", "/run/containerd"],
          ...[
            "/run/user/1000",
            "/run/user/1000/docker.sock",
            "/proc/1/root",
            "/var/lib/docker",
            "/etc",
            "/srvx",
            "/dev",
          ],
          ...["/srv/../run", "/srv/docker.sock", "//", "srv", "/home/me"],
        ].map((path): [ContainerProps, RegExp] => [
          bind(path),
          /of the host: prefer a named volume; allowed are \/srv/,
        ]),
        [{ volumes: [{ hostPath: "/srv/a" }, {}, { hostPath: "/b" }, { hostPath: "/c" }] }, /mounts \/b, \/c of/],
      ],
      accepted: [
        ...["/srv", "/srv/", "/srv/files", "/mnt/x/../y", "/etc/localtime"].map(bind),
        { volumes: [{ hostPath: "/srv/docker.sock.d" }] },
        { mounts: [{ type: "volume", source: "data" }] },
      ],
    },
    root: {
      rule: rootUser,
      refused: ["root", "0", "0:0", "root:staff", "00"].map((user) => [{ user }, /runs as root/]),
      accepted: [{ user: "1000:0" }, { user: "rooted" }, { user: "1" }, { user: undefined }],
    },
    "new privileges": {
      rule: newPrivileges,
      refused: [
        [{ securityOpts: undefined }, /may gain rights/],
        [{ securityOpts: ["no-new-privileges:false"] }, /may gain rights/],
        [{ securityOpts: ["seccomp=x"] }, /may gain rights/],
      ],
      accepted: [{ securityOpts: ["seccomp=x", "no-new-privileges"] }],
    },
    "staging or metrics for everyone": {
      rule: openListener,
      refused: [
        [
          { command: ["staging"], ports: [{ internal: 80, external: 8081, ip: "0.0.0.0" }] },
          /staging on 0\.0\.0\.0:8081/,
        ],
        [{ command: ["metrics-2"], ports: [{ internal: 80, external: 8405 }] }, /metrics-2 on 0\.0\.0\.0:8405/],
        [{ command: ["staging"], ports: [{ internal: 80, external: 1, ip: "10.127.0.1" }] }, /10\.127\.0\.1:1:/],
        [{ command: ["staging"], ports: [{ internal: 80, external: 1, ip: "::" }] }, /on :::1:/],
      ],
      accepted: [
        { command: ["staging"], ports: [{ internal: 80, external: 8081, ip: "127.0.0.1" }] },
        { command: ["metrics-1"], ports: [{ internal: 80, external: 8404, ip: "::1" }] },
        { command: ["production"], ports: [{ internal: 80, external: 80, ip: "0.0.0.0" }] },
        { command: ["https"], ports: [{ internal: 80, external: 443 }] },
        { command: [], ports: [{ internal: 80 }] },
      ],
    },
    "an abrupt stop": {
      rule: abruptStop,
      refused: [
        [{ stopTimeout: 0 }, /would be killed/],
        [{ destroyGraceSeconds: undefined }, /would be killed/],
      ],
      accepted: [{ stopTimeout: 1, destroyGraceSeconds: 1 }],
    },
  };
  for (const [what, { rule, refused, accepted }] of Object.entries(RULES)) {
    it(`reports a violation for ${what}`, () => {
      for (const [props, message] of refused) assert.match(rule({ ...GOOD, ...props }) ?? "accepted", message);
    });
    it(`reports none for what has nothing to do with ${what}`, () => {
      for (const props of [{}, ...accepted]) assert.equal(rule({ ...GOOD, ...props }), undefined);
    });
  }

  it("takes another list of paths", () => {
    assert.equal(hostPath(["/data/shop/"])(bind("/data/shop/x")), undefined);
    assert.match(hostPath([])(bind("/srv"))!, /allowed are none/);
    assert.equal(hostPath(["/"])(bind("/anything")), undefined);
  });

  it("know a replica by its label, and a proxy is none", () => {
    assert.ok(isReplica(GOOD));
    assert.ok(!isReplica({ labels: [{ label: "bluegreen.load-balancer", value: "x" }] }));
    assert.ok(!isReplica({}));
  });
});

import assert from "node:assert/strict";
import {
  abruptStop,
  dockerSocket,
  hostFolder,
  isReplica,
  privilegedMode,
  publishedPort,
  unpinnedImage,
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

/** A replica as this program declares it. */
const GOOD: ContainerProps = {
  labels: [{ label: "bluegreen.color", value: "blue" }],
  volumes: [{}],
  stopTimeout: 30,
  destroyGraceSeconds: 30,
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
    "Docker's socket": {
      rule: dockerSocket,
      refused: [
        [{ volumes: [{ hostPath: "/var/run/docker.sock" }] }, /mounts \/var\/run\/docker\.sock/],
        [bind("/run/user/1000/docker.sock"), /docker\.sock/],
        [bind("/var/run/"), /mounts \/var\/run\//],
        [bind("/srv/../run"), /mounts \/run,/],
        [bind("/"), /mounts \/,/],
      ],
      accepted: [bind("/var/running"), { volumes: [{ hostPath: "/srv/docker.sock.d" }] }],
    },
    "folders of the host": {
      rule: hostFolder,
      refused: [[{ volumes: [{ hostPath: "/srv/a" }, {}, { hostPath: "/srv/b" }] }, /\/srv\/a, \/srv\/b of the host/]],
      accepted: [{ mounts: [{ type: "volume", source: "data" }] }],
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
    it(`refuse ${what}`, () => {
      for (const [props, message] of refused) assert.match(rule({ ...GOOD, ...props }) ?? "accepted", message);
    });
    it(`accept what has nothing to do with ${what}`, () => {
      for (const props of [{}, ...accepted]) assert.equal(rule({ ...GOOD, ...props }), undefined);
    });
  }

  it("know a replica by its label, and a proxy is none", () => {
    assert.ok(isReplica(GOOD));
    assert.ok(!isReplica({ labels: [{ label: "bluegreen.load-balancer", value: "x" }] }));
    assert.ok(!isReplica({}));
  });
});

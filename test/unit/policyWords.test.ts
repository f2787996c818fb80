import assert from "node:assert/strict";
import {
  ALLOWED_PATHS,
  hostPath,
  isReplica,
  newPrivileges,
  openListener,
  publishedPort,
  rootUser,
  withoutDigest,
} from "../../policy/rules";

describe("what the policies say of a container", () => {
  it("names each open address of what is for the operators alone, and of nothing else", () => {
    const ports = [
      { ip: "127.0.0.1", internal: 1, external: 1 },
      { ip: "::1", internal: 2, external: 2 },
      { ip: "::12", internal: 3, external: 3 },
      { internal: 4, external: 4 },
    ];
    const open = (command: string[]) => openListener({ command, ports });
    assert.equal(
      open(["metrics-1"]),
      "publishes metrics-1 on ::12:3, 0.0.0.0:4: it is for the operators alone, so let it listen on 127.0.0.1",
    );
    assert.match(open(["staging"]) ?? "", /^publishes staging on/);
    for (const other of [["production"], ["my-metrics"], []]) assert.equal(open(other), undefined);
    assert.equal(openListener({ command: ["metrics-1"] }), undefined);
  });

  it("names the ports of a replica, by what they are outside where that is known", () => {
    const end = ": a replica is reached through the load balancer alone";
    const ports = [{ internal: 80, external: 8_080 }, { internal: 81 }];
    assert.equal(publishedPort({ ports }), `publishes 8080, 81${end}`);
    assert.equal(publishedPort({ publishAllPorts: true }), `publishes all its ports${end}`);
    assert.equal(isReplica({}), false);
  });

  it("names all paths of the host that are not allowed, and what is", () => {
    const refused = (...paths: (string | undefined)[]) =>
      hostPath(ALLOWED_PATHS)({ volumes: paths.map((path) => ({ hostPath: path })) });
    const below = ", and what lies below (another list: --policy-pack-config)";
    assert.equal(
      refused("/", "/etc/", "/srv/x"),
      `mounts /, /etc of the host: prefer a named volume; allowed are /srv, /mnt, /usr/share, /etc/localtime, /etc/ssl/certs${below}`,
    );
    assert.equal(refused("/usr/share/zoneinfo", "/etc/ssl/certs/ca.pem", "/mnt/", undefined, ""), undefined);
    for (const socket of ["docker.sock", "docker-proxy.1.sock", "containerd.sock"])
      assert.match(refused(`/srv/${socket}`) ?? "", /^mounts \/srv/, socket);
    assert.equal(refused("/srv/docker sock", "/srv/my.sock"), undefined);
    const bind = { mounts: [{ type: "bind", source: "/root" }] } as never;
    assert.equal(hostPath([])(bind), `mounts /root of the host: prefer a named volume; allowed are none${below}`);
    assert.equal(hostPath([])({}), undefined);
  });

  it("takes a user that nobody named for none, and an option for what it says alone", () => {
    assert.deepEqual([{}, { user: "rooty" }, { user: "1000:0" }].map(rootUser), [undefined, undefined, undefined]);
    assert.match(rootUser({ user: "0:0" }) ?? "", /^runs as root \(app\.user: 0:0\)/);
    const may = (...securityOpts: string[]) => newPrivileges({ securityOpts }) !== undefined;
    assert.deepEqual(
      [may("no-new-privileges"), may("x", "no-new-privileges=true"), may("x-no-new-privileges"), may()],
      [false, false, true, true],
    );
    assert.equal(newPrivileges({}) !== undefined, true);
  });

  it("says how an image is pinned, and where its digest is found", () => {
    assert.equal(
      withoutDigest("shop:v1"),
      "shop:v1 has no digest, so its tag may mean another image tomorrow: pin it, in the form\n" +
        "    pulumi config set --path blue.tag TAG@sha256:…\n" +
        "(what runs now: pulumi stack output; an image that was only built on this Docker gets a digest when it is pushed)",
    );
  });
});

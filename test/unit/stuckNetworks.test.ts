import assert from "node:assert/strict";
import { connect } from "../../docker/connect";
import { FakeDockerServer, json } from "../support/fakeDockerServer";
import { stuckNetworks } from "../support/stuckNetworks";

describe("networks that Docker keeps for no reason", () => {
  it("are those without a container of which it says that they have active endpoints", async () => {
    const active = json(403, { message: "error while removing network: network x id 1 has active endpoints" });
    const removed: string[] = [];
    const server = await FakeDockerServer.start({
      "GET /networks/stuck": json(200, { Containers: {} }),
      "DELETE /networks/stuck": active,
      "GET /networks/used": json(200, { Containers: { c1: {} } }),
      "DELETE /networks/used": (response) => (removed.push("used"), active(response)),
      "GET /networks/free": json(200, { Containers: {} }),
      "DELETE /networks/free": (response) => (removed.push("free"), json(204, {})(response)),
      "GET /networks/faulty": json(200, {}),
      "DELETE /networks/faulty": json(500, { message: "no space left on device" }),
    });
    try {
      const networks = ["used", "free", "stuck", "faulty", "gone"].map((id) => ({ id, urn: `urn:${id}` }));
      const stuck = await stuckNetworks(connect(server.host, ""), networks);
      assert.deepEqual(stuck, [{ id: "stuck", urn: "urn:stuck" }]);
      assert.deepEqual(removed, ["free"]);
    } finally {
      server.stop();
    }
  });
});

import assert from "node:assert/strict";
import Docker from "dockerode";
import { KEYS, valuesOf } from "../support/configs/table";
import { bindsOf, refusal, replicaOptions } from "../support/configs/created";
import { withKey } from "../support/configs/raw";
import { planOf } from "../support/configs/tried";

/** What of an application is the matter of HAProxy, or of other resources than the container. */
const ELSEWHERE = /^app\.(?:port|health\.|networks)/;
/** Each of a thousand volumes would be made; ten tell the same. */
const MOST_VOLUMES = 10;

describe("every container that the schema accepts", function () {
  this.timeout(600_000);
  const docker = new Docker();
  let processors = 0;
  before(async () => {
    processors = ((await docker.info()) as { NCPU: number }).NCPU;
  });

  for (const key of KEYS.filter((each) => each.startsWith("app.") && !ELSEWHERE.test(each)))
    it(`is taken by Docker with ${key} at its ends and between them`, async () => {
      for (const value of valuesOf(key)?.right ?? []) {
        // How many there are is the host's matter.
        if (key === "app.cpus" && Number(value) > processors) continue;
        const raw = withKey(key, value);
        const plan = planOf(raw, "");
        const said = await refusal(docker, replicaOptions(plan.services.blue, bindsOf(plan).slice(0, MOST_VOLUMES)));
        assert.equal(said, undefined, JSON.stringify(value).slice(0, 200));
      }
    });

  it("is refused by Docker if it is wrong, so that all this means something", async () => {
    const { blue } = planOf(withKey("app.capDrop", ["ALL"]), "").services;
    assert.match((await refusal(docker, replicaOptions({ ...blue, memory: 5 }, []))) ?? "", /memory/i);
    assert.match((await refusal(docker, replicaOptions({ ...blue, capDrop: ["CAP_NONE"] }, []))) ?? "", /capability/i);
  });
});

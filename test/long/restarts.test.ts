import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { Report } from "../support/load";
import { spread, type Cost } from "../support/outage";
import { endAll } from "../support/processes";
import { CLIENTS, Site } from "../support/site";
import type { Share } from "../../model/share";

/** `CUTS=2` for a quicker look. */
const CUTS = Number(process.env["CUTS"] ?? 20);

/** A machine under test load is slow; on a quiet one all of this takes a few seconds. */
const SOON = 60;

/** So long the old HAProxy of a proxy may serve beside the new one, in seconds. */
const LEAVING = 5;

const ALL_GREEN = 0;
const ALL_BLUE = 10_000;
const SPLIT = 3_000;

describe("a site whose parts end and begin again", function () {
  this.timeout(3_600_000);
  let site: Site;

  before(async () => {
    site = await Site.create();
  });
  after(() => site?.remove());
  describe("a process that is killed", () => {
    // The shell that watches over HAProxy, HAProxy's master, and its worker.
    for (const [which, index] of [
      ["worker", 2],
      ["master", 1],
      ["main process", 0],
      ["worker", 2],
      ["master", 1],
    ] as const)
      it(`of one proxy, its ${which}: what was in flight is lost at most`, async () => {
        const { report } = await site.cost(`one proxy's ${which}`, ALL_GREEN, async () => {
          const all = await site.processes("web-proxy-1");
          await endAll([all[index]!.pid]);
        });
        assert.ok(report.failed <= CLIENTS, String(report));
      });

    it("of both proxies: what was in flight is lost at most, all else waits", async () => {
      const { report } = await site.cost("both proxies", ALL_GREEN, () => site.crash("web-proxy-1", "web-proxy-2"));
      assert.ok(report.failed <= CLIENTS, String(report));
    });

    it("of production's holder: the proxies take its new socket at once", async () => {
      const { gap } = await site.cost("production's holder", ALL_GREEN, () => site.crash("web-lb-production-"));
      assert.ok(gap < LEAVING, `${gap} s without an answer`);
      await wait(LEAVING * 1_000);
      assert.deepEqual(await site.faults(ALL_GREEN), [], "when the old ones have left");
    });

    it("of staging's holder: production loses nothing", async () => {
      const { report } = await site.cost("staging's holder", ALL_GREEN, () => site.crash("web-lb-staging-"));
      assert.equal(report.failed, 0, String(report));
    });

    it("of a replica: what it had in flight is lost at most", async () => {
      const { report } = await site.cost("a replica", ALL_GREEN, () => site.crash("web-green-1"));
      assert.ok(report.failed <= CLIENTS, String(report));
    });

    it("leaves nothing to mend", () => site.isClean());
  });

  describe("a dockerd that ends and is started again", () => {
    for (const flags of [[], ["--live-restore"]]) {
      const named = ["dockerd", ...flags].join(" ");
      it(`${named}: comes back by itself`, async () => {
        await site.host.stop();
        await site.host.start(...flags);
        await site.wellAgain(ALL_GREEN);
        const stopped = await site.cost(`${named}, stopped`, ALL_GREEN, async () => {
          await site.host.stop();
          site.host.launch(...flags);
        });
        const killed = await site.cost(`${named}, killed`, ALL_GREEN, async () => {
          await site.host.crash();
          site.host.launch(...flags);
        });
        for (const { gap } of [stopped, killed]) assert.ok(gap < SOON, `${gap} s without an answer`);
      });
    }

    it("leaves nothing to mend", async () => {
      await site.host.stop();
      await site.host.start();
      await site.isClean();
    });
  });

  describe(`${CUTS} power cuts`, () => {
    const costs: Cost[] = [];

    /** By turns with all that was left over, as when only the processes died, and with what is left after a boot. */
    async function cut(turn: number, share: Share): Promise<Report> {
      const boot = turn % 2 === 0;
      const cost = await site.cost(`power cut ${turn + 1}${boot ? ", booted" : ""}`, share, () =>
        site.host.powerCut(boot),
      );
      costs.push(cost);
      assert.ok(cost.first < SOON && cost.well < SOON, `well after ${cost.well} s`);
      return cost.report;
    }

    it("bring back the color that was switched to", async () => {
      await site.stack.up({ activeColor: "blue" });
      for (let turn = 0; turn < CUTS / 2; turn++)
        assert.equal((await cut(turn, ALL_BLUE)).byColor["green"] ?? 0, 0, "answers of green");
      await site.isClean();
    });

    it("bring back a split", async () => {
      await site.stack.up({ activeColor: "both", "weights.blue": "30", "weights.green": "70" });
      for (let turn = Math.ceil(CUTS / 2); turn < CUTS; turn++) {
        const { byColor } = await cut(turn, SPLIT);
        assert.ok(byColor["blue"]! > 0 && byColor["green"]! > byColor["blue"]!, JSON.stringify(byColor));
      }
      await site.isClean();
    });

    after(() => {
      console.log(`      first answer after ${spread(costs.map(({ first }) => first))}`);
      console.log(`      all well after ${spread(costs.map(({ well }) => well))}`);
    });
  });

  describe("what somebody stopped by hand", () => {
    for (const [name, what] of [
      ["web-proxy-1", "a proxy"],
      ["web-lb-production-", "production's holder"],
      ["web-green-1", "a replica"],
    ] as const)
      for (const how of ["kill", "stop"] as const)
        it(`docker ${how} of ${what}: stays down, and is mended by up --refresh`, async () => {
          const { report } = await site.cost(`docker ${how} of ${what}`, SPLIT, async () => {
            const container = site.docker.getContainer(await site.container(name));
            await container[how]();
            await wait(3_000);
            assert.equal((await container.inspect()).State.Running, false);
            await site.stack.must(["up", "--yes", "--skip-preview", "--refresh"]);
          });
          if (what !== "production's holder")
            assert.ok(report.failed <= (how === "kill" ? CLIENTS : 0), String(report));
        });

    it("leaves nothing to mend", () => site.isClean());
  });
});

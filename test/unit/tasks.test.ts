import assert from "node:assert/strict";
import fc from "fast-check";
import { haproxyConfig } from "../../haproxy/config/config";
import { PROXY_ALIAS, REPLICAS_FILE } from "../../haproxy/config/names";
import { readConfig } from "../../haproxy/config/read";
import { replicaMap } from "../../haproxy/config/replicas";
import type { HaproxyInputs } from "../../haproxy/config/settings";
import { numberOf, serviceOf, taskNames, taskOf } from "../../haproxy/config/tasks";
import { calledIn, serversOf } from "../../haproxy/control/answers";
import { haproxyCommands } from "../../haproxy/control/commands";
import { healthOf } from "../../haproxy/control/counters";
import { haproxyInputs } from "../../haproxy/control/files";
import { perColor } from "../../model/color";
import { slotName, type Slot } from "../../model/slot";
import type { RoutingInputs } from "../../plan/routing";
import { routingPlan } from "../../plan/routing";
import type { Command } from "../../routing/executor/balancer";
import { labSettings } from "../support/proxyLab";

const inputs = haproxyInputs({
  ...routingPlan("web", labSettings({})),
  ...{ previewKey: "k3y", metricsPassword: "pa55" },
} as unknown as RoutingInputs);
const swarm: HaproxyInputs = { ...inputs, swarm: true };

/** The slots of one proxy as HAProxy has them, which obeys its commands. */
class Slots {
  private readonly names: (string | undefined)[];
  private readonly map = new Map<string, string>();

  constructor(count: number) {
    this.names = Array.from({ length: count }, () => PROXY_ALIAS);
  }

  give(kind: Command["do"], slot: number, name: string): void {
    const server = { color: "blue" as const, slot, name };
    const command = kind === "drain" ? { do: kind, server, closed: false } : { do: kind, server };
    for (const words of haproxyCommands("web", { name: "p1", workers: [] }, command, true)) {
      const [, kept, replica] = new RegExp(`^set map ${REPLICAS_FILE} (\\S+) (\\S+)$`).exec(words) ?? [];
      if (kept) this.map.set(kept, replica!);
      const [, where, fqdn] = /^set server web-blue\/blue(\d+) fqdn (\S+)$/.exec(words) ?? [];
      if (where) this.names[Number(where) - 1] = fqdn;
    }
  }

  /** What HAProxy answers. */
  answers(): [states: string, map: string] {
    const columns = "be_name srv_id srv_name srv_op_state srv_admin_state srv_uweight srv_check_health srv_fqdn";
    const rows = this.names.map((name, at) => `web-blue ${at + 1} ${slotName("blue", at)} 2 0 1 4 ${name}`);
    return [
      `1\n# ${columns}\n${rows.join("\n")}\n`,
      [...this.map].map(([slot, replica]) => `0x5ca1ab1e ${slot} ${replica}\n`).join(""),
    ];
  }

  get seen(): (string | undefined)[] {
    const [states, map] = this.answers();
    return serversOf(states, "# pxname,svname\n", "web", calledIn(map)).blue.map(({ name }) => name);
  }
}

const text = (slots: (string | undefined)[], more: HaproxyInputs = swarm) =>
  haproxyConfig(more, { blue: slots.map(slotOf), green: [] }, "f");
const slotOf = (name: string | undefined): Slot => (name === undefined ? { gated: false } : { name, gated: true });
const readBack = (slots: (string | undefined)[]) => readConfig(text(slots), "web")?.slots.blue.map(({ name }) => name);

describe("replicas that are tasks of a service", () => {
  it("have the service's name in DNS, and a number beside it", () => {
    assert.deepEqual(["shop-v2.13", "a.1.2"].map(serviceOf), ["shop-v2", "a.1"]);
    assert.deepEqual(["shop-v2.13", "a.1.2"].map(numberOf), ["13", "2"]);
    assert.deepEqual(
      [serviceOf("web-blue-1-b781945"), numberOf("web-blue-1-b781945")],
      ["web-blue-1-b781945", undefined],
    );
    assert.equal(taskOf("shop-v2", 13), "shop-v2.13");
  });

  it("are asked for by the service's name, in the file and by commands, and called by their own", () => {
    assert.match(
      text(["shop.1", undefined, "shop.2"]),
      /blue1 shop:80 # task 1\n.*blue2 127\.0\.0\.1:80 disabled\n.*blue3 shop:80 # task 2\n/,
    );
    assert.match(replicaMap({ blue: [slotOf("shop.2")], green: [] }), /^blue1 shop\.2$/m);
    const server = { color: "blue" as const, slot: 4, name: "shop.2" };
    const said = (of: boolean) => haproxyCommands("web", { name: "p1", workers: [] }, { do: "register", server }, of);
    assert.deepEqual(said(true).slice(0, 1), [`set map ${REPLICAS_FILE} blue5 shop.2`]);
    assert.ok(said(true).includes("set server web-blue/blue5 fqdn shop"));
    assert.ok(said(false).includes("set server web-blue/blue5 fqdn shop.2"), "a container's name is left alone");
  });

  it("keep their names while a service whose one task is in the second slot grows, and shrinks again", () => {
    const slots = new Slots(16);
    slots.give("register", 0, "old.1");
    slots.give("register", 1, "new.1");
    slots.give("deregister", 0, "old.1");
    assert.deepEqual(slots.seen.slice(0, 3), [undefined, "new.1", undefined]);
    slots.give("register", 0, "new.2");
    slots.give("register", 2, "new.3");
    assert.deepEqual(slots.seen.slice(0, 4), ["new.2", "new.1", "new.3", undefined]);
    assert.deepEqual(readBack(["new.2", "new.1", "new.3", undefined]), ["new.2", "new.1", "new.3", undefined]);
    slots.give("deregister", 0, "new.2");
    slots.give("deregister", 2, "new.3");
    assert.deepEqual(slots.seen.slice(0, 3), [undefined, "new.1", undefined]);
  });

  const action = fc.record({
    slot: fc.nat(7),
    name: fc.tuple(fc.constantFrom("a", "b"), fc.integer({ min: 1, max: 5 })).map(([of, number]) => taskOf(of, number)),
    leaves: fc.boolean(),
  });

  it("are read back as they were registered, whichever came and left before: by commands, from the file, by the watch", () =>
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const [slots, wanted] = [new Slots(8), Array.from({ length: 8 }, (): string | undefined => undefined)];
        for (const { slot, name, leaves } of actions) {
          const here = wanted[slot];
          if (leaves && here !== undefined) slots.give("drain", slot, here);
          if (leaves && here !== undefined) slots.give("deregister", slot, here);
          if (leaves) wanted[slot] = undefined;
          if (leaves || here !== undefined || wanted.includes(name)) continue;
          slots.give("register", slot, name);
          wanted[slot] = name;
        }
        assert.deepEqual(slots.seen, wanted);
        assert.deepEqual(readBack(wanted), wanted);
        const [states, map] = slots.answers();
        assert.deepEqual(
          healthOf(states, "# pxname,svname\n", "web", calledIn(map)).blue.map(({ name }) => name),
          wanted.filter((name) => name !== undefined),
        );
      }),
    ));

  it("get the lowest numbers that are left where nothing of their service calls them, and never one name twice", () => {
    const named = (...slots: [service: string | undefined, called?: string][]) =>
      taskNames(slots.map(([service, called]) => ({ service, called })));
    assert.deepEqual(named(["a"], [undefined], ["a"], ["b"]), ["a.1", undefined, "a.2", "b.1"]);
    assert.deepEqual(named(["a", "-"], ["a", "a.1"], ["a", "b.7"], ["a", "a"]), ["a.2", "a.1", "a.3", "a.4"]);
    assert.deepEqual(named(["a", "a.2"], ["a", "a.2"], ["a"]), ["a.2", "a.1", "a.3"]);
    assert.deepEqual(
      named([undefined, "a.1"], ["a"]),
      [undefined, "a.1"],
      "a free slot has nobody, whatever it was called",
    );
    const slot = fc.record({
      service: fc.constantFrom("a", "b", undefined),
      called: fc.constantFrom("a.1", "a.2", "b.1", "a", "-", undefined),
    });
    fc.assert(
      fc.property(fc.array(slot), (slots) => {
        const names = taskNames(slots);
        const told = names.filter((name) => name !== undefined);
        assert.equal(new Set(told).size, told.length);
        slots.forEach(({ service }, at) => assert.equal(names[at] && serviceOf(names[at]), service));
      }),
    );
  });

  it("are told back from the file with what they came with, and whether they passed the gate", () => {
    const application = { ...inputs.colors.blue, port: 8_000 };
    const slots = {
      blue: [{ name: "a.2", gated: false, application }, { name: "a.1", gated: true }, { gated: false }],
      green: [{ name: "b.1", gated: true, application: { ...inputs.colors.green, port: 9_000 } }],
    };
    for (const more of [{}, { stickyReplica: true }])
      assert.deepEqual(
        readConfig(haproxyConfig({ ...swarm, ...more, checkMap: "version-4.map" }, slots, "f"), "web")?.slots,
        slots,
      );
  });
});

describe("HAProxy's text", () => {
  const slots = perColor((color) => [slotOf(`web-${color}-1-ab12`), slotOf(undefined)]);
  const [plain, tasks] = [inputs, swarm].map((given) => haproxyConfig(given, slots, "f"));

  it("gives each of a service's slots another address, and looks for them twice a second, and is else what it was", () => {
    assert.doesNotMatch(tasks!, /allow-dup-ip/);
    assert.match(
      tasks!,
      /\n {2}accepted_payload_size 65535\n[^]*\n {2}timeout resolve 500ms\n[^]*\n {2}hold valid 500ms\n {2}hold obsolete 0s\n/,
    );
    const back = tasks!
      .replaceAll("resolvers docker init-addr", "resolvers docker resolve-opts allow-dup-ip init-addr")
      .replace("accepted_payload_size 65535", "accepted_payload_size 8192")
      .replace("timeout resolve 500ms", "timeout resolve 1s")
      .replace("hold valid 500ms\n  hold obsolete 0s", "hold valid 1s");
    assert.equal(back, plain);
  });

  it("leaves names alone where replicas are containers, even one that reads like a task's", () => {
    const odd = { blue: [slotOf("web-blue-1.1234567")], green: [] };
    const text = haproxyConfig(inputs, odd, "f");
    assert.match(text, / {2}server blue1 web-blue-1\.1234567:80\n/);
    assert.equal(readConfig(text, "web")?.slots.blue[0]?.name, "web-blue-1.1234567");
    const row = "web-blue 1 blue1 2 0 1 4 web-blue-1.1234567";
    const states = `1\n# be_name srv_id srv_name srv_op_state srv_admin_state srv_uweight srv_check_health srv_fqdn\n${row}\n`;
    assert.equal(serversOf(states, "# pxname,svname\n", "web").blue[0]?.name, "web-blue-1.1234567");
  });
});

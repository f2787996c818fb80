import assert from "node:assert/strict";
import { mock } from "node:test";
import { NO_COUNTS, type Counts } from "../../model/counts";
import type { RolloutProgress } from "../../model/progress";
import { perColor } from "../../model/color";
import { Breach } from "../../routing/executor/aftermath";
import { Overtaken } from "../../routing/executor/balancer";
import type { StepContext } from "../../routing/executor/stepContext";
import { newTurn } from "../../routing/executor/turn";
import { watchOf } from "../../routing/executor/watched";
import { MemoryBalancer } from "../support/memoryBalancer";
import { everybody, inputsOf, quiet, rollout, settled } from "../support/sides";

const WINDOW = 20_000;
const inputs = {
  ...inputsOf({
    ...{ share: 0, scale: { blue: 2, green: 2 }, version: { blue: 2, green: 1 }, port: { blue: 80, green: 80 } },
    ...{ idleTimeout: 5_000, maintenance: false, proxies: ["p1"], asks: false, workers: { one: 0, both: 0 } },
  }),
  rollout: { ...rollout, limits: { ...rollout.limits, wait: 5_000 } },
};

/** A step that is watched while each second brings this, in a time that runs as fast as it can. */
async function watch(
  each: Partial<Counts>,
  also: (balancer: MemoryBalancer, second: number) => void = () => undefined,
) {
  const balancer = new MemoryBalancer(await settled(inputs), inputs, everybody);
  await balancer.takeTurn([], newTurn("update", 0));
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const said: string[] = [];
  const progress = {
    ...quiet(),
    log: (line: string) => void said.push(line),
    warn: (line: string) => void said.push(line),
  };
  const until = new Date(Date.now() + WINDOW).toISOString();
  const at: RolloutProgress = {
    ...{ color: "blue", from: 0, to: 10_000, share: 5_000, step: 1, steps: 2, since: until, until },
  };
  let ended = false;
  const going = watchOf()(at, { balancer, inputs, progress } as unknown as StepContext)
    .then(
      () => undefined,
      (error: Error) => error,
    )
    .finally(() => (ended = true));
  let second = 0;
  for (; !ended && second < 60; second++) {
    const counts = {
      ...NO_COUNTS,
      ...Object.fromEntries(Object.entries(each).map(([key, one]) => [key, Number(one) * second])),
    };
    balancer.counted = {
      processes: { p: perColor((color) => (color === "blue" ? counts : { ...counts, errors: 0 })) },
      replicas: { blue: [], green: [] },
    };
    also(balancer, second);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    mock.timers.tick(1_000);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
  mock.timers.reset();
  return { error: await going, said, seconds: second, seen: balancer.state.rollout?.seen };
}

describe("a step under watch", () => {
  it("goes on when its window has ended and the color is well, and notes what it saw", async () => {
    const { error, said, seconds, seen } = await watch({ answers: 50, requests: 50 });
    assert.equal(error, undefined);
    assert.match(said.join(), /^step 1 of 2, blue 50 %: well; blue 5xx 0 % of [\d,]+ \(green/);
    assert.ok(seconds >= 20 && seconds <= 22, String(seconds));
    assert.match(seen ?? "", /blue 5xx 0 %/);
  });

  it("ends at a breach, before its window does", async () => {
    const { error, seconds } = await watch({ answers: 50, requests: 50, errors: 15 });
    assert.ok(error instanceof Breach, String(error));
    assert.match(error.message, /blue has more 5xx than green/);
    assert.ok(seconds < 15, String(seconds));
  });

  it("waits a while where there is too little to tell, and goes on with a warning", async () => {
    const { error, said, seconds } = await watch({ answers: 1, requests: 1 });
    assert.equal(error, undefined);
    assert.match(said.join(), /goes on after 5 s more \(watch\.wait\): not enough traffic to tell: \d+ of 100/);
    assert.ok(seconds >= 25 && seconds <= 27, String(seconds));
  });

  it("lets go where another has taken over", async () => {
    const { error, seconds } = await watch({ answers: 50, requests: 50 }, (balancer, second) => {
      if (second === 5) balancer.state.turn = newTurn("rollback", 0);
    });
    assert.ok(error instanceof Overtaken, String(error));
    assert.ok(seconds <= 8, String(seconds));
  });

  it("heeds processes that end, though all answers are good", async () => {
    const { error } = await watch({ answers: 50, requests: 50 }, (balancer, second) => {
      const replica = { name: "blue-v2-0", up: true, downs: 0 };
      balancer.counted = { ...balancer.counted, replicas: { blue: [replica], green: [] } };
      balancer.restartsOf = async () => Math.floor(second / 5);
    });
    assert.ok(error instanceof Breach, String(error));
    assert.match(error.message, /blue-v2-0 has gone down 2 times/);
  });
});

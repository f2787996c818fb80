import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { settingsFrom } from "../../settings/load";
import { settingsOf } from "../../settings/settings";

const CONFIG = { activeColor: "green", image: "shop", blue: { tag: "v2", scale: 1 }, green: { tag: "v1", scale: 2 } };

describe("settings that a program gives itself", () => {
  it("have the defaults of a stack's config, and the names of the program's stack", () => {
    const { stack, docker: _, ...rest } = settingsFrom(CONFIG);
    const { stack: _stack, ...expected } = settingsOf(CONFIG, new Set()) as ReturnType<typeof settingsFrom>;
    assert.deepEqual(rest, expected);
    assert.deepEqual(stack, { project: pulumi.getProject(), name: pulumi.getStack() });
  });

  it("hide what they are told to", () => {
    const app = { env: { TOKEN: "t0k3n" }, command: ["serve", "t0k3n"] };
    assert.equal(settingsFrom({ ...CONFIG, app }).blue.secret, false);
    assert.equal(settingsFrom({ ...CONFIG, app }, ["app"]).blue.secret, true);
    const port = { ...CONFIG, app: { port: "t0k3n" } };
    assert.throws(() => settingsFrom(port), /app\.port: got "t0k3n"/);
    assert.throws(
      () => settingsFrom(port, ["app"]),
      ({ message }: Error) => /app\.port/.test(message) && !message.includes("t0k3n"),
    );
  });

  it("are refused with all faults at once", () =>
    assert.throws(
      () => settingsFrom({ ...CONFIG, activeColor: "red", drain: { timeout: "1y" }, maintenance: "perhaps" }),
      /3 faults; nothing was changed:[^]*activeColor: got "red"[^]*maintenance: got "perhaps"[^]*drain\.timeout: got "1y"/,
    ));
});

import assert from "node:assert/strict";
import { diagnosticsOf } from "../../scripts/common/stack";

describe("npm start, where pulumi up fails", () => {
  it("tells what Pulumi says of it, without the outputs and counts behind that", () => {
    const said = ["  pulumi:pulumi:Stack (dev):", "    error: port 8080 is in use", "", "        pulumi config set …"];
    const all = [
      "Updating (dev):",
      "",
      "Diagnostics:",
      ...said,
      "",
      "Outputs:",
      "    share: 0",
      "Resources:",
      "    1 errored",
    ];
    assert.equal(diagnosticsOf(all), said.join("\n"));
    assert.equal(diagnosticsOf([...all.slice(0, 7), "", "Resources:"]), said.join("\n"));
  });

  it("tells all where Pulumi says nothing of it", () => {
    assert.equal(diagnosticsOf(["error: no stack named 'dev' found"]), "error: no stack named 'dev' found");
  });
});

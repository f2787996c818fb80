import assert from "node:assert/strict";
import { diagnosticsOf, withHint } from "../../scripts/common/stack";

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

  it("says how what Docker has lost is made anew, and nothing of it for other failures", () => {
    const lost = "Unable to start container: Error response from daemon: network web-green-4a68396 not found";
    assert.match(withHint(lost), /4a68396 not found[\s\S]*npm run up -- --refresh/);
    assert.equal(withHint("not healthy after 60 s"), "not healthy after 60 s");
  });
});

import assert from "node:assert/strict";
import { refusedBind } from "../../plan/holders";

describe("a holder's address", () => {
  const holders = (bind: string, port = 80) => [
    { listener: "production", container: `web-lb-production-${port}-ab`, bind, port },
    { listener: "staging", container: "web-lb-staging-8081-cd", bind: "127.0.0.1", port: 8081 },
  ];

  it("may stay, and be another on another port", () => {
    assert.equal(refusedBind(holders("0.0.0.0"), holders("0.0.0.0")), undefined);
    assert.equal(refusedBind(holders("0.0.0.0"), holders("127.0.0.1", 8080)), undefined);
    assert.equal(refusedBind([], holders("0.0.0.0")), undefined);
  });

  it("is refused on a port in use, with both ways out", () => {
    const text = refusedBind(holders("0.0.0.0"), holders("127.0.0.1"))!;
    assert.match(text, /port 80 is in use on 0\.0\.0\.0, and cannot move to 127\.0\.0\.1/);
    assert.match(text, /pulumi config set --path loadBalancer\.bind 0\.0\.0\.0/);
    assert.match(text, /pulumi config set --path loadBalancer\.port 81 && pulumi up/);
  });
});

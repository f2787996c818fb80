import assert from "node:assert/strict";
import { haproxyConfig } from "../../haproxy/config/config";
import { haproxyInputs } from "../../haproxy/control/files";
import type { Slot } from "../../model/slot";
import { routingPlan, type RoutingInputs } from "../../plan/routing";
import { labSettings } from "../support/proxyLab";

const SLOTS: Slot[] = [{ gated: false }];

/** The rules of a frontend, without their indent. */
function rulesOf(frontend: string, config: Parameters<typeof labSettings>[0]): string[] {
  const plan = { ...routingPlan("web", labSettings(config)), previewKey: "k3y", metricsPassword: "pa55" };
  const inputs = haproxyInputs({ ...plan, certificates: plan.selfSigned ? ["pem"] : [] } as unknown as RoutingInputs);
  const sections = haproxyConfig(inputs, { blue: SLOTS, green: SLOTS }, "f").split(/\n(?=\S)/);
  const section = sections.find((text) => text.startsWith(`frontend ${frontend}\n`)) ?? "";
  assert.ok(section.includes("use_backend "), `${frontend} hands requests to no replica`);
  return section.split("\n").map((line) => line.trim());
}

const VARIANTS = {
  "by default": {},
  "with TLS": { tls: { selfSigned: true } },
  "behind a trusted proxy": { loadBalancer: { trustedProxies: ["10.0.0.0/8"] } },
  "behind one with TLS": { loadBalancer: { trustedProxies: ["10.0.0.0/8"] }, tls: { selfSigned: true } },
  "behind one that speaks the PROXY protocol": {
    loadBalancer: { trustedProxies: ["10.0.0.0/8"], proxyProtocol: true },
  },
};

/** Where the headers of those in front count. One that speaks the PROXY protocol hands a visitor's headers on. */
const BELIEVED = new Set(["behind a trusted proxy", "behind one with TLS"]);

for (const [what, config] of Object.entries(VARIANTS))
  for (const frontend of ["production", "staging"])
    describe(`HAProxy's rules on ${frontend}, ${what}, for what a visitor says of himself`, () => {
      const isBelieved = BELIEVED.has(what);
      let lines: string[] = [];
      beforeEach(() => (lines = rulesOf(frontend, config)));
      const about = (header: string) => lines.filter((line) => line.includes(` ${header} `));
      const at = (start: string) => lines.findIndex((line) => line.startsWith(start));

      it("replace Forwarded, whatever it says", () => {
        const [first, ...others] = about("Forwarded");
        assert.match(first ?? "", /^http-request set-header Forwarded 'for=%\[[^\]]+\];proto=\S+;host="\S+"'$/);
        for (const line of others)
          assert.match(line, /^http-request set-header Forwarded '\S+' if \{ var\(txn\.client\) -m sub : \}$/);
      });

      it("keep X-Forwarded- from a trusted proxy alone", () => {
        const removal = lines.filter((line) => line.startsWith("http-request del-header X-Forwarded- "));
        assert.equal(removal.length, 1);
        assert.match(removal[0] ?? "", isBelieved ? / -m beg unless \{ src -f \S+ \}$/ : / -m beg$/);
        const [proto, ...others] = about("X-Forwarded-Proto").filter((line) => line.includes("set-header"));
        assert.match(proto ?? "", /^http-request set-header X-Forwarded-Proto \S+$/);
        assert.deepEqual(others, []);
        const host = isBelieved ? " unless { req.fhdr(X-Forwarded-Host) -m found }" : "";
        assert.ok(lines.includes(`http-request set-header X-Forwarded-Host %[req.fhdr(Host)]${host}`));
      });

      it("remove before they add", () => {
        const removal = at("http-request del-header X-Forwarded- ");
        for (const header of ["X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"])
          assert.ok(removal < at(`http-request set-header ${header} `), header);
        assert.ok(at("http-request set-var(txn.client) src") < at("http-request set-header Forwarded "));
        assert.ok(lines.includes("option forwardfor"));
      });
    });

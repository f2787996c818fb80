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
          assert.match(line, /^http-request set-header Forwarded '\S+' if \{ (?:src|var\(txn\.client\)) -m sub : \}$/);
      });

      it("keep X-Forwarded- from a trusted proxy alone", () => {
        const removal = lines.filter((line) => line.startsWith("http-request del-header X-Forwarded- "));
        assert.equal(removal.length, 1);
        assert.match(removal[0] ?? "", isBelieved ? / -m beg unless \{ src -f \S+ \}$/ : / -m beg$/);
        // Where all of them are removed before, one is only added, which costs less.
        const write = isBelieved ? "set" : "add";
        const [proto, ...others] = about("X-Forwarded-Proto").filter((line) => /(?:set|add)-header/.test(line));
        assert.match(proto ?? "", new RegExp(`^http-request ${write}-header X-Forwarded-Proto \\S+$`));
        assert.deepEqual(others, []);
        const host = isBelieved ? " unless { req.fhdr(X-Forwarded-Host) -m found }" : "";
        assert.ok(lines.includes(`http-request ${write}-header X-Forwarded-Host %[req.fhdr(Host)]${host}`));
      });

      it("tell an IPv6 client in brackets, where one may come", () => {
        const brackets = about("Forwarded").filter((line) => /for="\[%\[[^\]]+\]\]"/.test(line));
        assert.equal(brackets.length, what.startsWith("behind") ? 1 : 0);
        assert.equal(about("Forwarded").length, 1 + brackets.length);
      });

      it("remove before they add", () => {
        const removal = at("http-request del-header X-Forwarded- ");
        for (const header of ["X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"]) {
          const added = lines.findIndex(
            (line) => /^http-request (?:set|add)-header /.test(line) && line.includes(` ${header} `),
          );
          assert.ok(removal < added, header);
        }
        if (isBelieved)
          assert.ok(at("http-request set-var(txn.client) src") < at("http-request set-header Forwarded "));
        assert.ok(lines.includes("option forwardfor"));
      });
    });

describe("HAProxy's rules for every request", () => {
  const lines = () => rulesOf("production", { limits: { bodySize: "7m", headerTimeout: "3s" } });
  const one = (start: string) => {
    const found = lines().filter((line) => line.startsWith(start));
    assert.equal(found.length, 1, `${start}: ${found.length} rules`);
    return found[0]!;
  };

  it("refuse to be a tunnel, or to send back what came", () => {
    assert.match(one("http-request return status 405 "), / hdr Allow "GET, .*OPTIONS" if \{ method CONNECT TRACE \}$/);
  });

  it("bound the body and the host, by their figures", () => {
    assert.match(
      one("http-request return status 413 "),
      / "a body may have 7340032 bytes\\n" if \{ req\.body_size gt 7340032 \}$/,
    );
    assert.match(one('http-request return status 400 content-type text/plain string "a host'), / gt 259 \}$/);
    assert.match(one("http-request wait-for-body"), / time 3000ms at-least 1 if \{ req\.hdr\(Expect\) -m found \}$/);
  });

  it("repeat what was sent only where that does no harm, and leave Keep-Alive to HAProxy", () => {
    assert.equal(
      one("http-request disable-l7-retry"),
      "http-request disable-l7-retry unless { method GET HEAD OPTIONS }",
    );
    one("http-response del-header Keep-Alive");
  });

  it("go by a host without its port and last dot, and by the path alone", () => {
    assert.equal(
      one("http-request set-var(txn.host)"),
      "http-request set-var(txn.host) req.fhdr(Host),host_only,rtrim(.)",
    );
    assert.equal(one("http-request set-var(txn.path)"), "http-request set-var(txn.path) path");
  });

  it("count an IPv6 client by its network, where one may come", () => {
    const tracked = (config: Parameters<typeof labSettings>[0]) =>
      rulesOf("production", config).filter((line) => line.includes(" track-sc"));
    const isByLine = (line: string) => line.includes("session track-sc0 src,ipmask(32,64) table clients");
    assert.ok(tracked(VARIANTS["behind one that speaks the PROXY protocol"]).some(isByLine));
    const isByWord = (line: string) => line.includes(" track-sc1 var(txn.client),ipmask(32,64) table requests");
    assert.ok(tracked(VARIANTS["behind a trusted proxy"]).some(isByWord));
  });

  it("are keywords of HAProxy, one a line", () => {
    for (const config of Object.values(VARIANTS))
      for (const line of rulesOf("production", config)) assert.match(line, /^(?:$|#|\.[a-z]+|[a-z][a-z_-]*(?: |$))/);
  });

  it("answer 503 where there is no share, and never guess one", () => {
    assert.match(one("http-request set-var(txn.share)"), / str\(web\),map_str_int\([^)]+,-1\)$/);
    assert.match(
      one('http-request return status 503 content-type text/plain string "web has no share'),
      / if \{ var\(txn\.share\) -m int lt 0 \}$/,
    );
  });

  it("keep a visitor's request id only if it is a plain word, and tell it in the answer", () => {
    const [, given, pattern] =
      /set-var\(txn\.id\) uuid\(\) unless \{ var\((\S+)\) -m reg (\S+) \}$/.exec(
        one("http-request set-var(txn.id) uuid()"),
      ) ?? [];
    assert.equal(given, "txn.id");
    const plain = new RegExp(pattern ?? "");
    for (const good of ["a", "A1-b_c.d:e", "x".repeat(128)]) assert.match(good, plain);
    for (const bad of ["", "a b", 'a"b', "ä", "x".repeat(129), "a\tb"]) assert.doesNotMatch(bad, plain);
    assert.equal(one("http-request set-var(txn.id) req."), "http-request set-var(txn.id) req.fhdr(X-Request-Id)");
    for (const rule of ["http-request", "http-after-response"])
      assert.equal(one(`${rule} set-header X-Request-Id`), `${rule} set-header X-Request-Id %[var(txn.id)]`);
  });
});

describe("HAProxy's rules behind a trusted proxy", () => {
  it("believe its word on client and scheme, and no other's", () => {
    const lines = rulesOf("production", { ...VARIANTS["behind one with TLS"] });
    const about = (variable: string) => lines.filter((line) => line.startsWith(`http-request set-var(${variable})`));
    const [own, told, ...more] = about("txn.client");
    assert.equal(own, "http-request set-var(txn.client) src");
    assert.match(
      told ?? "",
      / req\.hdr_ip\(X-Forwarded-For,-1\) if \{ src -f \S+ \} \{ req\.hdr_ip\(X-Forwarded-For,-1\) -m found \}$/,
    );
    const [http, tls, byWord, ...others] = about("txn.scheme").map((line) => line.replace(/^.*txn\.scheme\) /, ""));
    assert.deepEqual([http, tls, more, others], ["str(http)", "str(https) if { ssl_fc }", [], []]);
    assert.match(byWord ?? "", /^str\(https\) if \{ src -f \S+ \} \{ req\.hdr\(X-Forwarded-Proto\) -m str https \}$/);
  });

  it("send to TLS by that word, else by the connection itself", () => {
    for (const [variant, safe] of [
      ["behind one with TLS", "{ var(txn.scheme) -m str https }"],
      ["with TLS", "{ ssl_fc }"],
    ] as const) {
      const redirects = rulesOf("production", VARIANTS[variant]).filter((line) =>
        / redirect code 308 .* unless /.test(line),
      );
      assert.equal(redirects.length, 1, variant);
      assert.ok(redirects[0]?.endsWith(` unless ${safe}`), redirects[0]);
    }
  });
});

describe("HAProxy's rules where a color is watched", () => {
  const WATCHED = { watch: { for: "1m", slow: "300ms" } };
  const lines = () => rulesOf("production", WATCHED);
  const isCount = (line: string) => /sc-inc-gpc|track-sc2|txn\.(?:came|took)/.test(line);

  it("are there only then: without a watch nothing of it is", () => {
    for (const config of [...Object.values(VARIANTS), { gate: { requests: [{ path: "/" }] } }])
      for (const frontend of ["production", "staging"]) assert.deepEqual(rulesOf(frontend, config).filter(isCount), []);
    assert.ok(lines().some(isCount));
    assert.ok(rulesOf("production", { canary: { steps: [5] } }).some(isCount));
    assert.deepEqual(rulesOf("staging", WATCHED).filter(isCount), []);
    const others = (config: Record<string, unknown>) => rulesOf("production", config).filter((line) => !isCount(line));
    assert.deepEqual(others(WATCHED), others({}));
  });

  it("count by the color that was chosen, before the rules of the preview end", () => {
    const at = (start: string) => lines().findIndex((line) => line.startsWith(start));
    const [color, track, ends] = [
      at("http-request set-var(txn.color) str(blue) if { rand"),
      at("http-request track-sc2 var(txn.color) table answers unless { var(txn.asked)"),
      at("http-request allow unless"),
    ];
    assert.ok(color > 0 && color < track && track < ends, `${color}, ${track}, ${ends}`);
    const counted = lines().findLastIndex((line) => line.includes("sc-inc-gpc"));
    assert.ok(counted < at("http-after-response allow unless"));
  });

  it("count the configured time by itself, and end early only for what is faster than it", () => {
    for (const [slow, exits] of [
      ["300ms", [10, 100]],
      ["70ms", [10]],
      ["5ms", []],
    ] as const) {
      const rules = rulesOf("production", { watch: { for: "1m", slow } });
      const early = rules.flatMap(
        (line) => /^http-after-response allow if \{ var\(txn\.took\) -m int le (\d+)/.exec(line)?.[1] ?? [],
      );
      assert.deepEqual(early.map(Number), exits);
      assert.ok(rules.includes(`http-after-response sc-inc-gpc(2,2) if { var(txn.took) -m int gt ${parseInt(slow)} }`));
    }
  });
});

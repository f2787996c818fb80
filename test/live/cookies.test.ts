import assert from "node:assert/strict";
import fc from "fast-check";
import { PREVIEW_NAME } from "../../haproxy/config/previewKey";
import { Line, askHttp2With, openHttp2, valuesOf } from "../support/odd";
import { PREVIEW_KEY, ProxyLab } from "../support/proxyLab";

const PREVIEW = `${PREVIEW_NAME}=${PREVIEW_KEY}`;

/** Headers that something between a browser and an application has broken before. */
const ODD = [
  ...["a=b", "session=abc; list=1,2,", "prefs=[1,,2]", ",", ",,,", ";", "; ;", "=", "a", "a=", "=b", "a=b;", "a=b; "],
  ...["a=b;c=d", "a=b;  c=d", "a=b ; c=d", "a=b; a=c", 'a="b; c"', 'a="b,c"', 'a="b', "a=b\\; c=d", "a=\\1\\2", "a=$1"],
  ...["a=%2C%3B", "a=%[src]", "a=%%", "a={}", 'a={"b":[1,2,],"c":""}', "a=1,2;b=3,4", "a=b, c=d", ",a=b", "a=b,"],
  ...["a=b;c", "a==", "a=b=c", "a=' '", "a=b\tc", "a=\xe9\xff", "a=|^(.*)$", "a=#c", "a=b # c", "$Version=1; a=b"],
  ...[`x${PREVIEW_NAME}=1`, `a=${PREVIEW_NAME}`, `${PREVIEW_NAME}x=1`, `a=${PREVIEW_NAME}=1`, `a=1,${PREVIEW_NAME}=1`],
  ...[
    "web-bucket=7; a=1,",
    "web-bucket=7,8",
    "web-replica=x; b=[,]",
    "a=b; ; c=d",
    "a=b;;c=d",
    "a=".padEnd(4_000, "x,"),
  ],
];

/** Where the preview's cookie may stand among others. */
const withPreview = (header: string) => [
  ...[`${PREVIEW}; ${header}`, `${header}; ${PREVIEW}`, `${PREVIEW};${header}`, `${header};${PREVIEW}`],
  ...[`a=1,2,; ${PREVIEW}; ${header}`, `${PREVIEW}; ${header}; ${PREVIEW}`, `${PREVIEW}; ${PREVIEW}; ${header}`],
];

/** The header without the preview's cookie, by another way than the proxies': cookie by cookie. */
function without(header: string): string {
  const cookies = header.split(";");
  const isPreview = (cookie: string) => new RegExp(`^[ \\t]*${PREVIEW_NAME}=`).test(cookie);
  const left = cookies.filter((cookie) => !isPreview(cookie)).join(";");
  return isPreview(cookies[0]!) ? left.replace(/^[ \t]+/, "") : left;
}

/** HTTP knows no blanks at the ends of a value. */
const trimmed = (value: string) => value.replace(/^[ \t]+|[ \t]+$/g, "");

describe("a visitor's cookies", function () {
  this.timeout(300_000);
  const lab = new ProxyLab();
  const differing: string[] = [];
  let compared = 0;

  before(() => lab.start({ sticky: true, tls: { selfSigned: true, redirect: false } }));
  after(async () => {
    console.log(`      ${compared} requests compared, ${differing.length} differing`);
    await lab.stop();
  });

  function compare(sent: string[], arrived: string[], expected: string[]): void {
    compared++;
    if (JSON.stringify(arrived) !== JSON.stringify(expected))
      differing.push(`sent ${JSON.stringify(sent)}, arrived ${JSON.stringify(arrived)}`);
  }

  /** Sends these `Cookie` headers by HTTP/1.1, and compares what arrived with what should have. */
  async function byHttp1(line: Line, sent: string[], expected = sent): Promise<void> {
    const headers = sent.map((value) => `Cookie: ${value}\r\n`).join("");
    const { body } = await line.ask(`GET / HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
    compare(sent, valuesOf(body, "cookie").map(trimmed), expected.map(trimmed));
  }

  const nothingDiffers = () => assert.deepEqual(differing.splice(0), []);

  it("arrive as they were sent, by HTTP/1.1, alone and in several headers", async () => {
    const line = await Line.open(lab.port("production"));
    for (const header of ODD) await byHttp1(line, [header]);
    for (const [index, header] of ODD.entries()) await byHttp1(line, [header, ODD[(index + 7) % ODD.length]!, "z=1"]);
    line.close();
    nothingDiffers();
  });

  it("arrive without the preview's cookie and else as they were sent, wherever it stood", async () => {
    const line = await Line.open(lab.port("production"));
    for (const header of ODD.filter((one) => !one.includes(PREVIEW_NAME)))
      for (const sent of withPreview(header)) await byHttp1(line, [sent], [without(trimmed(sent))]);
    await byHttp1(line, [PREVIEW], []);
    await byHttp1(line, ["a=1,2,", `${PREVIEW}; b=[1,,2]`, "c=,"], ["a=1,2,", "b=[1,,2]", "c=,"]);
    await byHttp1(line, [`${PREVIEW_NAME}=old; a=1,`], ["a=1,"]);
    line.close();
    nothingDiffers();
  });

  it("arrive as they were sent by HTTP/2, whole or in crumbs", async () => {
    const session = openHttp2(lab.port("https"));
    for (const header of ODD.filter((one) => !/[\xe9\t]/.test(one))) {
      const whole = await askHttp2With(session, { cookie: header });
      compare([header], valuesOf(whole.body, "cookie"), [header]);
      const crumbs = ["a=1,2,", PREVIEW, header, "z=,"];
      const { body, headers } = await askHttp2With(session, { cookie: crumbs });
      const sent = crumbs.filter((crumb) => crumb !== PREVIEW).join("; ");
      compare(crumbs, valuesOf(body, "cookie"), [sent]);
      assert.equal(headers["x-bluegreen-color"], "blue");
    }
    session.close();
    nothingDiffers();
  });

  it("arrive as they were sent, whatever they are", async () => {
    const line = await Line.open(lab.port("production"));
    const text = fc.string({
      unit: fc.constantFrom(..."ab1,;= \"'\\%$[]{}()*+?.|^#/\xe9"),
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), fc.nat(3), async (values, at) => {
        const sent = values.map(trimmed).filter((value) => value !== "");
        if (sent.length === 0) return;
        await byHttp1(line, sent);
        const preview = sent.map((value, index) => (index === at ? `${value}; ${PREVIEW}` : value));
        await byHttp1(line, preview, preview.map(without));
        nothingDiffers();
      }),
      { numRuns: 150 },
    );
    line.close();
  });

  it("never bring the key to the application: who sends more of them than are taken out is refused", async () => {
    const line = await Line.open(lab.port("production"));
    const many = Array.from({ length: 9 }, (_, index) => `${PREVIEW}; a=${index}`).join("; ");
    const { status, body } = await line.ask(`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${many}\r\n\r\n`);
    assert.deepEqual([status, body.includes(PREVIEW_KEY)], [400, false]);
    line.close();
  });
});

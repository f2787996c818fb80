import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../../scripts/common/browser";
import { start, startContainer } from "../support/demo";

const SMALL = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

describe("the demo in a real browser", function () {
  this.timeout(60_000);
  let browser: Browser;
  let leave: () => unknown;

  before(async function () {
    this.timeout(600_000);
    browser = await openBrowser(console.log);
  });
  after(() => browser?.close());
  afterEach(() => leave());

  /** Opens a page and tells which of its requests were answered with an error. */
  async function visit(url: string): Promise<{ page: Page; failed: string[] }> {
    const page = await browser.newPage({ viewport: SMALL });
    const failed: string[] = [];
    page.on("response", (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${new URL(response.url()).pathname}`);
    });
    await page.goto(url, { waitUntil: "load" });
    return { page, failed };
  }

  /** The page of a version's image. */
  async function visitImage(version: string): Promise<{ page: Page; failed: string[] }> {
    const { url, remove } = await startContainer(version);
    leave = remove;
    const visited = await visit(url);
    assert.equal(await visited.page.locator("h1").innerText(), version);
    return visited;
  }

  it("has lost its logo in v2", async () => {
    const { page, failed } = await visitImage("v2");
    const seen = await page
      .locator("img.logo")
      .evaluate(({ complete, naturalWidth }: HTMLImageElement) => ({ complete, naturalWidth }));
    assert.deepEqual(seen, { complete: true, naturalWidth: 0 });
    assert.deepEqual(failed, ["404 /images/logo.svg"]);
  });

  it("shows it again in v2.1", async () => {
    const { page, failed } = await visitImage("v2.1");
    const box = await page.locator("svg.logo").boundingBox();
    assert.ok(box && box.width > 200 && box.height > 200, JSON.stringify(box));
    const there = await page.evaluate(
      ([x, y]) => document.elementFromPoint(x, y)?.closest("svg")?.getAttribute("aria-label"),
      [box.x + box.width / 2, box.y + box.height / 2] as const,
    );
    assert.equal(there, "Bluegreen logo");
    assert.deepEqual(failed, []);
  });

  for (const version of ["v1", "v2", "v2.1", "v3", "v4", "broken"]) {
    it(`fits ${version} on a small screen, and into the width of a phone`, async () => {
      const { process: child, url } = await start({ DEMO_VERSION: version });
      leave = () => child.kill("SIGKILL");
      const { page } = await visit(url);
      const size = () => page.evaluate(() => [document.body.scrollWidth, document.body.scrollHeight] as const);
      const [width, height] = await size();
      assert.ok(width <= SMALL.width && height <= SMALL.height, `${width} × ${height}`);
      await page.setViewportSize(PHONE);
      const [narrow] = await size();
      assert.ok(narrow <= PHONE.width, `${narrow} wide on a phone`);
    });
  }
});

import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../../scripts/setup/browser";
import { start, startContainer } from "../support/demo";

/** Opens a page and tells which of its requests were answered with an error. */
async function visit(browser: Browser, url: string): Promise<{ page: Page; failed: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const failed: string[] = [];
  page.on("response", (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  await page.goto(url, { waitUntil: "load" });
  return { page, failed };
}

describe("the demo in a real browser", function () {
  this.timeout(60_000);
  let browser: Browser;

  before(async function () {
    this.timeout(600_000);
    browser = await openBrowser(console.log);
  });
  after(() => browser?.close());

  it("has lost its logo in v2", async () => {
    const { url, remove } = await startContainer("v2");
    try {
      const { page, failed } = await visit(browser, url);
      assert.equal(await page.locator("h1").innerText(), "v2");
      const logo = page.locator("img.logo");
      const seen = await logo.evaluate(({ complete, naturalWidth }: HTMLImageElement) => ({ complete, naturalWidth }));
      assert.deepEqual(seen, { complete: true, naturalWidth: 0 });
      assert.deepEqual(failed, ["404 /images/logo.svg"]);
      await page.close();
    } finally {
      await remove();
    }
  });

  it("shows it again in v2.1", async () => {
    const { url, remove } = await startContainer("v2.1");
    try {
      const { page, failed } = await visit(browser, url);
      assert.equal(await page.locator("h1").innerText(), "v2.1");
      const box = await page.locator("svg.logo").boundingBox();
      assert.ok(box && box.width > 200 && box.height > 200, JSON.stringify(box));
      const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      const painted = await page.evaluate(
        ({ x, y }) => document.elementFromPoint(x, y)?.closest("svg")?.getAttribute("aria-label"),
        middle,
      );
      assert.equal(painted, "Bluegreen logo");
      assert.deepEqual(failed, []);
      await page.close();
    } finally {
      await remove();
    }
  });

  for (const version of ["v1", "v2", "v2.1", "v3", "v4", "broken"]) {
    it(`fits ${version} on a small screen, and in the width of a phone`, async () => {
      const { process: child, url } = await start({ DEMO_VERSION: version });
      const { page } = await visit(browser, url);
      const size = () => page.evaluate(() => [document.body.scrollWidth, document.body.scrollHeight]);
      const [width, height] = await size();
      assert.ok(width! <= 1280 && height! <= 800, `${width} × ${height}`);
      await page.setViewportSize({ width: 390, height: 844 });
      assert.ok((await size())[0]! <= 390, `${(await size())[0]} on a phone`);
      await page.close();
      child.kill("SIGKILL");
    });
  }
});

import type { Browser } from "playwright-core";
import type { Color } from "../../model/color";

/** A browser's window in the picture. */
export interface Window {
  role: string;
  url: string;
  color: Color;
  says: string;
  /** What is seen in it, as a data URL. */
  shot: string;
}

const INK: Record<Color, string> = { blue: "#2563eb", green: "#16a34a" };

const STYLE = `
  * { box-sizing: border-box; margin: 0 }
  body { width: 1640px; padding: 44px 48px 40px; display: grid; grid-template-columns: 1fr 1fr; gap: 40px; background: #f4f5f7;
    font: 500 22px/1.3 Inter, "Noto Sans", system-ui, sans-serif; color: #1f2937 }
  .window { border-radius: 14px; overflow: hidden; background: #fff; border: 1px solid #cfd4dc; box-shadow: 0 10px 28px #1118271f }
  .bar { display: flex; align-items: center; gap: 9px; height: 46px; padding: 0 18px; background: #e6e8ec }
  .bar i { width: 12px; height: 12px; border-radius: 50%; background: #b9bfc9 }
  .bar span { flex: 1; margin: 0 60px 0 14px; padding: 4px 16px; border-radius: 8px; background: #fff; font-size: 16px; color: #4b5563 }
  .window img { display: block; width: 100% }
  p { display: flex; align-items: center; justify-content: center; gap: 12px; margin-top: 24px }
  p b { width: 15px; height: 15px; border-radius: 50% }
  p span { color: #6b7280 }`;

const html = (windows: readonly Window[]) =>
  `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>${windows
    .map(
      ({ role, url, color, says, shot }) => `<figure>
      <div class="window"><div class="bar"><i></i><i></i><i></i><span>${url.replace("http://", "")}</span></div><img src="${shot}"></div>
      <p><b style="background: ${INK[color]}"></b><span>${role}:</span>${says}</p>
    </figure>`,
    )
    .join("")}`;

/** The windows side by side, each with its caption, as a PNG. */
export async function pictureOf(browser: Browser, windows: readonly Window[]): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 1640, height: 600 } });
  await page.setContent(html(windows));
  const picture = await page.screenshot({ fullPage: true });
  await page.close();
  return picture;
}

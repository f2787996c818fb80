import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { haproxyFaults } from "../../../haproxy/config/limits";
import { plan, type Plan } from "../../../plan/plan";
import { settingsOf } from "../../../settings/settings";
import { selfSigned } from "../../../routing/selfSigned";
import type { HaproxyCheck } from "../haproxy";
import { outsideWith } from "./outside";
import { SECRET, type Raw } from "./raw";
import { writtenOn, type Folder } from "./written";

/** HAProxy reads a file that it answers with into one buffer. */
const BUFFER = 16_384;
/** Words that a line of its configuration may have. */
const WORDS = 64;
/** Characters of a line that are surely read as one: HAProxy 3.0 was seen to send a check of 21,668, the longest that may be, whole. */
const CHARACTERS = 21_668;

/** The plan of a config that must be right. */
export function planOf(raw: Raw, pem: string): Plan {
  const settings = settingsOf(raw, SECRET, outsideWith(pem));
  assert.ok(!("faults" in settings), "message" in settings ? settings.message : "");
  const made = plan(settings);
  assert.deepEqual(haproxyFaults(made), []);
  return made;
}

/** What plain arithmetic says against some files. */
function against(folder: Folder): string[] {
  const lines = folder["haproxy.cfg"]!.split("\n");
  const long = lines.filter((line) => line.length > CHARACTERS || (line.match(/\S+/g) ?? []).length > WORDS);
  const answers = Object.entries(folder).filter(([name]) => /\.(?:html|metrics)$/.test(name));
  const big = answers.filter(([, body]) => Buffer.byteLength(body) > BUFFER);
  return [
    ...long.map((line) => `a line of ${line.length} characters: ${line.slice(0, 120)}`),
    ...big.map(([name, body]) => `${name} has ${Buffer.byteLength(body)} bytes`),
  ];
}

const largest = (all: Folder[]): Folder =>
  all.reduce((one, other) => (other["haproxy.cfg"]!.length > one["haproxy.cfg"]!.length ? other : one));

/** Configs that are planned, rendered for every step of two `up`s, and held before the real HAProxy. */
export class Tried {
  /** What was found good: most configs differ in nothing that HAProxy sees. */
  private readonly good = new Set<string>();
  private pem = "";
  /** Texts that HAProxy itself has seen. */
  seen = 0;

  constructor(private readonly haproxy: HaproxyCheck) {}

  async start(): Promise<void> {
    await this.haproxy.start();
    this.pem = await selfSigned(["shop.example.com", "*.example.org"]);
  }

  /**
   * @param which of all that is written HAProxy is asked about: the text with the most servers, or each
   * @param ways  each from one config to the next
   * @throws AssertionError if anything is refused, by whom and why; or a warning is given
   */
  async mustBeGood(which: "largest" | "all", ...ways: Raw[][]): Promise<void> {
    const written: { way: Raw[]; folder: Folder; key: string }[] = [];
    for (const way of ways) {
      const plans = way.map((raw) => planOf(raw, this.pem));
      const hosts = plans.flatMap(({ routing }) => routing.selfSigned ?? []);
      const all = writtenOn(plans, hosts.length > 0 ? await selfSigned(hosts) : "");
      for (const folder of which === "all" ? all : [largest(all)]) {
        const key = createHash("sha256").update(JSON.stringify(folder)).digest("hex");
        if (this.good.has(key)) continue;
        this.good.add(key);
        written.push({ way, folder, key });
      }
    }
    const said = written.length > 0 ? await this.haproxy.checkEach(written.map(({ folder }) => folder)) : [];
    this.seen += said.length;
    written.forEach(({ way, folder, key }, index) => {
      const { code, said: words } = said[index]!;
      const faults = [
        ...(code === 0 && !/WARNING|ALERT/.test(words) ? [] : [words.slice(0, 1_500)]),
        ...against(folder),
      ];
      if (faults.length === 0) return;
      this.good.delete(key);
      assert.fail(`${JSON.stringify(way).slice(0, 2_000)}:\n${faults.join("\n")}`);
    });
  }
}

import type http from "node:http";
import { OneConnection } from "../../../../scripts/witness/agents";
import type { Answer } from "../../../../scripts/witness/request";
import { Random } from "../random";
import { PlainVisitor, type Question } from "./plain";

const PIECES = [
  "a",
  "Z",
  "9",
  " ",
  ",",
  ";",
  "=",
  '"',
  "'",
  "\\",
  "%20",
  "%",
  "é",
  "{}",
  "<>",
  "[1,,2]",
  "a=b; c=d",
  "\t",
  "🙂",
];
const COOKIES = [
  ...["session=abc", "list=1,2", 'q="x, y"', "empty=", "flag", "a=b=c", "z=é"],
  ...["list=1,2,", "prefs=[1,,2]", ",", "x=,,"],
];

/** Header values are sent as bytes: what has none of its own goes as the bytes of UTF-8. */
const bytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const word = (random: Random, pieces: number) =>
  bytes(
    Array.from({ length: pieces }, () => random.pick(PIECES))
      .join("")
      .trim(),
  );

/** Odd headers, large ones now and then, whose echo must be what was sent. */
export class HeaderVisitor extends PlainVisitor {
  override readonly name = "odd headers";
  private readonly random = new Random(Math.random() * 2 ** 32);
  private sent: http.OutgoingHttpHeaders = {};

  protected newAgent(url: URL): http.Agent {
    return new OneConnection(url);
  }

  protected override question(): Question {
    const { random } = this;
    const names = Array.from({ length: random.whole(1, 12) }, (_, index) =>
      `x-odd-${index}${random.pick(["", "-", "-A-9"])}`.toLowerCase(),
    );
    this.sent = Object.fromEntries(
      names.map((name) => [
        name,
        random.chance(0.2) ? [word(random, 3), word(random, 5)] : word(random, random.whole(0, 20)),
      ]),
    );
    if (random.chance(0.2)) this.sent["x-long"] = word(random, random.whole(500, 1_500));
    const all = Array.from({ length: random.whole(0, 4) }, () => bytes(random.pick(COOKIES)));
    if (all.length > 0) this.sent["cookie"] = random.chance(0.3) ? all : [all.join("; ")];
    return { path: `/headers?q=${encodeURIComponent(word(random, 5))}&r=a,b;c`, headers: this.sent };
  }

  protected override check({ body }: Answer): string | undefined {
    const { headers } = JSON.parse(body) as { headers: { [name: string]: string } };
    for (const [name, value] of Object.entries(this.sent)) {
      const expected = Array.isArray(value) ? value.join(name === "cookie" ? "; " : ", ") : String(value);
      if (headers[name] !== expected)
        return `${name} arrived as ${JSON.stringify(headers[name])}, sent was ${JSON.stringify(expected)}`;
    }
    return undefined;
  }
}

/** Bodies of all lengths, with their length or in chunks, whose echo must be what was sent. */
export class BodyVisitor extends PlainVisitor {
  override readonly name = "bodies";
  private readonly random = new Random(Math.random() * 2 ** 32);
  private body = "";

  protected newAgent(url: URL): http.Agent {
    return new OneConnection(url);
  }

  override pause(): number {
    return 3 * super.pause();
  }

  protected override question(): Question {
    const { random } = this;
    const length = random.chance(0.2) ? random.whole(0, 30_000) : random.whole(0, 2_000);
    this.body = Array.from({ length: Math.ceil(length / 8) }, () => random.next().toString(36).slice(2, 10)).join("");
    const headers = {
      ...(random.chance(0.5) && { "transfer-encoding": "chunked" }),
      ...(random.chance(0.2) && { expect: "100-continue" }),
    };
    return { path: "/echo", method: "POST", headers, body: this.body };
  }

  protected override check({ body }: Answer): string | undefined {
    return body === this.body ? undefined : `a body of ${this.body.length} came back with ${body.length}, or changed`;
  }
}

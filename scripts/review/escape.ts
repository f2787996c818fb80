/** What Markdown or HTML would read, as the entity that shows it. */
const ENTITIES = /[&<>"'`*_~[\]()|\\{}$!^]/g;
/** Control characters, and those that turn the direction of what follows: a reader would not see what is there. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const BREAK = "\u200b";

const entity = (text: string) => text.replace(ENTITIES, (char) => `&#${char.codePointAt(0)};`);

/** A line break is a space; what cannot be seen is shown as its number. */
const visible = (text: string) =>
  text.replace(/\r?\n|\t/g, " ").replace(UNSEEN, (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, "0")}`);

/** What can be seen, without a mention of anybody or a reference. */
const parted = (raw: string) => visible(raw).replace(/([@#])(?=\S)/g, `$1${BREAK}`);

/**
 * A text that shows as it is, in one line: no markup, no mention of anybody, no reference to an issue or commit, no link.
 * GitHub looks for these in the finished text, so that entities are not enough: an unseen space breaks them.
 */
export const text = (raw: string): string =>
  entity(
    parted(raw)
      .replace(/^\s+/, "")
      .replace(/:\/\//g, `:${BREAK}//`)
      .replace(/\bwww\./gi, `www${BREAK}.`)
      .replace(/\b[0-9a-f]{7,40}\b/gi, (hash) => hash.replace(/.{4}/g, `$&${BREAK}`))
      .replace(/\b(gh)(?=-\d)/gi, `$1${BREAK}`)
      .replace(/^(\d+)([.)])/, `$1${BREAK}$2`)
      .replace(/^([-+=])/, `${BREAK}$1`),
  );

/** The same as code, for a value: GitHub looks for nothing in code. */
export const code = (raw: string): string => `<code>${entity(parted(raw)) || " "}</code>`;

/** Lines as they are, spaces and all. */
export const block = (lines: readonly string[]): string =>
  `<pre>\n${lines
    .map((line) =>
      line
        .replace(/\r/g, "")
        .split("\n")
        .map((one) => entity(visible(one)))
        .join("\n"),
    )
    .join("\n")}\n</pre>`;

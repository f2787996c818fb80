import { numbersOf, stepText } from "../../explain/text";
import { closedBy, type WayBack } from "../../explain/wayBack";
import { block, code, text } from "./escape";
import { markerOf } from "./marker";
import type { Review } from "./review";

/** GitHub takes 65,536 characters for a comment. */
export const LONGEST = 60_000;
/** How many characters each part may have; together they stay below {@link LONGEST}. */
const BUDGET = { verdict: 1_500, refused: 8_000, table: 8_000, risks: 8_000, policies: 8_000, notes: 4_000 };
const FOLDED = { steps: 3_000, containers: 3_000, config: 8_000, rows: 8_000 };

/** A review as a comment: at most {@link LONGEST} characters. */
export interface Rendered {
  markdown: string;
  /** Whether something was left out. */
  cut: boolean;
}

/** Renders with parts cut to their budgets, or whole. */
class Renderer {
  cut = false;
  constructor(private readonly whole: boolean) {}

  /** As many items as fit, each a whole one, and how many did not. */
  fit(items: readonly string[], budget: number, joint = "\n"): string {
    const taken: string[] = [];
    let size = 0;
    for (const item of items) {
      size += item.length + joint.length;
      if (!this.whole && size > budget) break;
      taken.push(item);
    }
    const left = items.length - taken.length;
    if (left === 0) return taken.join(joint);
    this.cut = true;
    return [...taken, `and ${left} more`].join(joint);
  }

  table(head: readonly string[], rows: readonly (readonly string[])[], budget: number): string[] {
    if (rows.length === 0) return [];
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), this.fit(rows.map(line), budget), ""];
  }

  list(title: string, items: readonly string[], budget: number): string[] {
    return items.length === 0
      ? []
      : [
          `**${title}**`,
          "",
          this.fit(
            items.map((item) => `- ${item}`),
            budget,
          ),
          "",
        ];
  }

  folded(title: string, lines: readonly string[]): string[] {
    return lines.length === 0 ? [] : [`<details><summary>${title}</summary>`, "", ...lines, "</details>", ""];
  }
}

/** Shows a text of several lines as it is, and never more of it than the budget. */
function lines(render: Renderer, message: string, budget: number): string {
  return block([render.fit(message.split("\n"), budget)]);
}

function head({ stack, verdict, live, refused }: Review, render: Renderer): string[] {
  const tier = live
    ? "Live: the engine's own preview, and what HAProxy does at this moment."
    : "From the two stack files alone: nobody has looked at what runs.";
  return [
    markerOf(stack),
    `### ${text(stack)}: ${text(verdict.length > BUDGET.verdict ? `${verdict.slice(0, BUDGET.verdict)}…` : verdict)}`,
    "",
    `<sub>${tier}</sub>`,
    "",
    ...refused.flatMap((fault) => [lines(render, fault, BUDGET.refused / refused.length), ""]),
  ];
}

const wayBackMarkdown = ({ to, open, text: told, command }: WayBack): string =>
  open && command ? `${text(told)}: ${code(command)} (closed by ${closedBy(to)})` : `none: ${text(told)}`;

function explained({ explanation }: Review, render: Renderer): string[] {
  if (!explanation) return [];
  const { audiences, wayBack, risks } = explanation;
  const rows = audiences.map(({ at, who, before, after }) => {
    const now = before === after ? text(after) : `**${text(after)}**`;
    return [text(at), text(who), text(before), now];
  });
  return [
    ...render.table(["where", "who", "before", "after"], rows, BUDGET.table),
    ...(wayBack ? [`**Way back:** ${wayBackMarkdown(wayBack)}`, ""] : []),
    ...render.list(
      "Risks",
      risks.map(({ name, text: told, refused }) => `${refused ? "**refused**, " : ""}${text(name)}: ${text(told)}`),
      BUDGET.risks,
    ),
  ];
}

function details({ explanation, config, live }: Review, render: Renderer): string[] {
  const { steps = [], containers = [], ports = { opened: [], closed: [] } } = explanation ?? {};
  const counted = containers.map((one) => [text(one.what), `${one.before}`, `${one.after}`, text(numbersOf(one))]);
  const moved = [...ports.opened.map((port) => `opened: ${port}`), ...ports.closed.map((port) => `closed: ${port}`)];
  const changed = config.map(({ key, before, after }) => [code(key), code(before), code(after)]);
  const rows = (live?.rows ?? []).map(({ change, resource, properties }) => [
    ...[text(change), code(resource), properties.map((name) => code(name)).join(", ")],
  ]);
  const numbered = steps.map((step, index) => `${index + 1}. ${text(stepText(step))}`);
  return [
    ...render.folded(
      "Steps of the update, with their longest times",
      numbered.length > 0 ? [render.fit(numbered, FOLDED.steps), ""] : [],
    ),
    ...render.folded("Containers", [
      ...render.table(["containers", "before", "after", ""], counted, FOLDED.containers),
      ...render.list("Ports", moved.map(text), FOLDED.containers),
    ]),
    ...render.folded("Config", render.table(["key", "before", "after"], changed, FOLDED.config)),
    ...render.folded("Resources", render.table(["change", "resource", "properties"], rows, FOLDED.rows)),
  ];
}

/** Whether there is something to apply, and nothing against it. */
const isApplicable = ({ live, refused, destroys }: Review): boolean =>
  live !== undefined && !destroys && live.rows.length > 0 && refused.length === 0;

function rendered(review: Review, whole: boolean): Rendered {
  const render = new Renderer(whole);
  const { live, notes, fingerprint, stack } = review;
  const findings = (live?.policies ?? []).map(
    ({ level, policy, resource, message }) =>
      `${level === "mandatory" ? "**mandatory**, " : ""}${text(policy)}, ${text(resource)}: ${text(message)}`,
  );
  const markdown = [
    ...head(review, render),
    ...explained(review, render),
    ...render.list("Policies", findings, BUDGET.policies),
    ...render.list("Notes", [...notes, ...(live?.messages ?? [])].map(text), BUDGET.notes),
    ...details(review, render),
    ...(isApplicable(review)
      ? [`To apply exactly this: ${code(`npm run up -- --stack ${stack} --reviewed ${fingerprint}`)}`, ""]
      : []),
    ...(render.cut ? ["<sub>Not all fits here: the whole review is beside it, in a file.</sub>", ""] : []),
    `<sub>Fingerprint ${fingerprint}</sub>`,
    "",
  ].join("\n");
  return { markdown, cut: render.cut };
}

/** A review as Markdown, for a comment. */
export const markdownOf = (review: Review): Rendered => rendered(review, false);

/** The whole of it, for a file. */
export const wholeMarkdown = (review: Review): string => rendered(review, true).markdown;

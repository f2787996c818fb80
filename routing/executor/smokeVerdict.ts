import { runInNewContext } from "node:vm";
import type { Expectation, SmokeRequest } from "../../model/rollout";
import type { ReplicaAnswer } from "./balancer";

/** A pattern may take so long, in milliseconds: some look for ever at the wrong text. */
const PATTERN_TIMEOUT = 1_000;
/** Of a text that was expected so much is shown, in characters. */
const SHOWN = 120;

/** Where an answer is not as it was to be. */
export interface Lack {
  expected: string;
  got: string;
}

/**
 * Where an answer is not as the request wants it; nothing if it is.
 *
 * @param shown a text of the answer as it may be shown
 */
export function lacksOf(request: SmokeRequest, answer: ReplicaAnswer, shown: (text: string) => string): Lack[] {
  const [from, to] = request.status;
  const { status, headers, body, bytes } = answer;
  const right = status >= from && status <= to;
  const bodyGot = `body ${bytes === 0 ? "that is empty" : `of ${bytes} bytes: ${shown(body)}`}`;
  const found = [
    ...(right ? [] : [{ expected: `status ${from === to ? from : `${from}-${to}`}`, got: `status ${status}` }]),
    ...Object.entries(request.responseHeaders).flatMap(([name, wanted]): Lack[] => {
      const text = headers[name.toLowerCase()];
      if (text !== undefined && holds(text, wanted)) return [];
      const got = text === undefined ? `no header ${name}` : `header ${name}: ${shown(text)}`;
      return [{ expected: `header ${name} ${worded(wanted)}`, got }];
    }),
    ...(request.body === undefined || holds(body, request.body)
      ? []
      : [{ expected: `body ${worded(request.body)}`, got: bodyGot }]),
  ];
  // A status alone says little.
  return right || found.at(-1)!.got === bodyGot || request.method === "HEAD"
    ? found
    : found.map((one, index) => (index === 0 ? { ...one, got: `${one.got}, ${bodyGot}` } : one));
}

const worded = (wanted: Expectation) =>
  "text" in wanted
    ? `with ${JSON.stringify(cut(wanted.text))}`
    : `matching /${cut(wanted.pattern)}/${wanted.ignoreCase ? "i" : ""}`;

const cut = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

function holds(text: string, wanted: Expectation): boolean {
  if ("text" in wanted) return text.includes(wanted.text);
  const flags = wanted.ignoreCase ? "i" : "";
  try {
    const given = { pattern: wanted.pattern, flags, text };
    return runInNewContext("new RegExp(pattern, flags).test(text)", given, { timeout: PATTERN_TIMEOUT }) as boolean;
  } catch {
    return false;
  }
}

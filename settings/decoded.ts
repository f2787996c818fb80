import { keysAt } from "./faults";

/** A map or a list arrives as JSON. What is no JSON is kept as it is: the schema says what is wrong with it. */
export function decoded(key: string, text: string): unknown {
  if (keysAt([key]).length === 0 && !/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** How a stack's comment is found again: its first line. */
export const markerOf = (stack: string): string => `<!-- blue-green review: ${stack.replace(/[^\w.-]/g, "_")} -->`;

/** The stack that a comment of a review is about; nothing for any other comment. */
export function stackOfComment(body: string): string | undefined {
  const [, stack] = /^<!-- blue-green review: ([\w.-]+) -->\r?(?:\n|$)/.exec(body) ?? [];
  return stack;
}

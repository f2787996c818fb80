/** Lines of a section of HAProxy's configuration; what is false is left out. */
export const lines = (...all: readonly (string | false | undefined)[]): string =>
  all.flatMap((line) => (line ? [`\n  ${line}`] : [])).join("");

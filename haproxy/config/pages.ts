import type { PageName } from "./settings";

const page = (title: string, text: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  body { font: 1.1rem/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; margin: 2rem; }
</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;

/** The pages of a site that brings none of its own. */
export const PAGES: Record<PageName, string> = {
  maintenance: page("Back soon", "We are at work on this site. Please come again in a few minutes."),
  unavailable: page("Out of order", "This site cannot answer just now. Please try again in a moment."),
};

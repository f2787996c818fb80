import { SetupError } from "../../common/step";
import type { Client } from "./client";

/** So many a page: the most that GitHub gives. Forgejo and Gitea call it `limit`. */
const PAGE = 100;
/** More pages than any pull request has: GitHub ends at 2,500 comments. */
const MOST = 100;

/** The path of the page after this one, by what the header `Link` says; nothing if that names none. */
function linked(link: string, url: string): string | undefined {
  const [, next] = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link) ?? [];
  if (next === undefined) return undefined;
  // The token goes with the request: to this server alone.
  const address = URL.parse(next, `${url}/`);
  if (!address?.href.startsWith(`${url}/`))
    throw new SetupError(`The next page is said to be at ${next}, which is not below ${url}: not followed.`);
  return address.href.slice(url.length);
}

/**
 * Everything in a list, page by page: by the header `Link`, and where there is none until a page is not full or brings
 * nothing new.
 *
 * @param path of the list, without a query
 */
export async function allPages(client: Client, path: string): Promise<{ id: number }[]> {
  const found = new Map<number, { id: number }>();
  let at: string | undefined = `${path}?per_page=${PAGE}&limit=${PAGE}&page=1`;
  for (let page = 1; at !== undefined; page++) {
    if (page > MOST) throw new SetupError(`${path} does not end after ${MOST} pages.`);
    const { data, headers } = await client.ask("GET", at);
    if (!Array.isArray(data)) throw new SetupError(`${client.server.url}${at} is no list: is GITHUB_API_URL right?`);
    const before = found.size;
    for (const one of data as { id: number }[]) found.set(one.id, one);
    const link = headers.get("link");
    const isMore = data.length >= PAGE && found.size > before;
    if (link !== null) at = linked(link, client.server.url);
    else at = isMore ? `${path}?per_page=${PAGE}&limit=${PAGE}&page=${page + 1}` : undefined;
  }
  return [...found.values()];
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A comment as the API gives it. */
export interface RawComment {
  id: number;
  body: string;
  user: { login: string };
  html_url: string;
}

/** What a request gets instead of its answer: a status with headers and words, nothing ever, or that and the deed. */
export type Trouble =
  { status: number; headers?: Record<string, string>; message?: string; text?: string } | "silence" | { after: number };

/** How the stand-in tells that there are more pages: as GitHub, not at all, or not at all and without pages. */
export type Paging = "link" | "size" | "none";

interface Deed {
  status: number;
  data: unknown;
  headers?: Record<string, string>;
}

/** A stand-in for the part of GitHub's API that reviews use, with what went in kept for a look. */
export class GithubServer {
  readonly comments: RawComment[] = [];
  /** `METHOD /path?query`, in their order. */
  readonly requests: string[] = [];
  readonly authorizations = new Set<string | undefined>();
  /** What the next requests get, by a piece of `METHOD /path`: each once. */
  readonly troubles: [string, Trouble][] = [];
  /** The pull requests by which a commit came. */
  readonly pulls = new Map<string, { number: number; merged_at: string | null }[]>();
  /** The repository's environments. */
  environments: object[] = [];
  paging: Paging = "link";
  /** Who the token's comments are by. */
  login = "github-actions[bot]";
  /** Where the next page is said to be, if not here. */
  elsewhere?: string;
  url = "";
  private readonly server: Server;

  constructor(private readonly prefix = "/api/v3") {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.prefix}`;
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Puts a comment into the conversation. */
  add(body: string, login = this.login): RawComment {
    const id = 1_000 + this.comments.length;
    const comment = { id, body, user: { login }, html_url: `https://git.test/shop/website/pull/7#${id}` };
    this.comments.push(comment);
    return comment;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request.setEncoding("utf8")) text += piece as string;
    const what = `${request.method} ${request.url?.slice(this.prefix.length)}`;
    this.requests.push(what);
    this.authorizations.add(request.headers.authorization);
    const at = this.troubles.findIndex(([piece]) => what.includes(piece));
    const [, trouble] = at < 0 ? [] : this.troubles.splice(at, 1)[0]!;
    if (trouble === "silence") return;
    const send = (status: number, data: unknown, headers: Record<string, string> = {}) =>
      void response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(typeof data === "string" ? data : JSON.stringify(data));
    if (trouble && "status" in trouble)
      return send(trouble.status, trouble.text ?? { message: trouble.message ?? "no" }, trouble.headers);
    const { status, data, headers } = this.deed(request.method ?? "", what, text);
    send(trouble ? trouble.after : status, trouble ? { message: "lost" } : data, trouble ? {} : headers);
  }

  private deed(method: string, what: string, text: string): Deed {
    const [, path = "", query = ""] = /^\S+ ([^?]*)\??(.*)$/.exec(what) ?? [];
    const body = text === "" ? "" : (JSON.parse(text) as { body: string }).body;
    const [, commit] = /^\/repos\/shop\/website\/commits\/(\w+)\/pulls$/.exec(path) ?? [];
    if (commit) return { status: 200, data: this.pulls.get(commit) ?? [] };
    if (path === "/repos/shop/website/environments") return { status: 200, data: { environments: this.environments } };
    const [, id] = /^\/repos\/shop\/website\/issues\/comments\/(\d+)$/.exec(path) ?? [];
    const comment = this.comments.find((one) => `${one.id}` === id);
    if (method === "PATCH" && comment) return { status: 200, data: Object.assign(comment, { body }) };
    if (path !== "/repos/shop/website/issues/7/comments") return { status: 404, data: { message: "Not Found" } };
    return method === "POST" ? { status: 201, data: this.add(body) } : this.page(path, new URLSearchParams(query));
  }

  private page(path: string, query: URLSearchParams): Deed {
    const [size, page] = [Number(query.get("per_page")), Number(query.get("page"))];
    if (this.paging === "none") return { status: 200, data: this.comments };
    const data = this.comments.slice((page - 1) * size, page * size);
    const isLast = page * size >= this.comments.length;
    const next = this.elsewhere ?? `${this.url}${path}?per_page=${size}&page=${page + 1}`;
    const links = [`<${this.url}${path}?page=1>; rel="first"`, ...(isLast ? [] : [`<${next}>; rel="next"`])];
    return { status: 200, data, ...(this.paging === "link" && { headers: { link: links.join(", ") } }) };
  }
}

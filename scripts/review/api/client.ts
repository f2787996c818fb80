import { setTimeout as delay } from "node:timers/promises";
import { SetupError } from "../../common/step";
import { refused, silent, tooLong, Unanswered } from "./faults";
import { isServerFault, pauseAfter, type Refusal } from "./retry";

/** Where GitHub's API is, or one like it (GitHub Enterprise, Forgejo, Gitea), and how long it is waited for. */
export interface Server {
  /** Without a slash at its end. */
  url: string;
  token: string;
  /** How long one answer may take, in milliseconds. Default 20 s. */
  answer?: number;
  /** How long all requests of a client may take, waits included, in milliseconds. Default 5 minutes. */
  patience?: number;
  /** How often a request is sent at most. Default 5. */
  tries?: number;
  /** For tests. */
  sleep?: (ms: number) => Promise<unknown>;
}

/** What came back. */
export interface Answer {
  data: unknown;
  headers: Headers;
}

type Method = "GET" | "POST" | "PATCH";

/**
 * The server that the environment names.
 *
 * @throws SetupError if there is no token, or one of these cannot be used
 */
export function serverOf(env: NodeJS.ProcessEnv): Server {
  const url = (env.GITHUB_API_URL || "https://api.github.com").replace(/\/+$/, "");
  if (!["http:", "https:"].includes(URL.parse(url)?.protocol ?? ""))
    throw new SetupError(`GITHUB_API_URL: got ${url}; allowed: an address such as https://git.example.com/api/v3`);
  const token = env.GITHUB_TOKEN ?? "";
  if (!/^[!-~]+$/.test(token))
    throw new SetupError(
      `GITHUB_TOKEN ${token === "" ? "is not set" : "has spaces or line ends in it"}: put the token of the job there, ` +
        "`GITHUB_TOKEN: ${{ github.token }}` in a workflow.",
    );
  return { url, token };
}

/** Speaks JSON with the server, with bounds in count and time. The token goes to that server and nowhere else. */
export class Client {
  private readonly until: number;

  constructor(readonly server: Server) {
    this.until = Date.now() + (server.patience ?? 300_000);
  }

  /**
   * Sends a request, again where the server was too busy for it or failed.
   *
   * @param path from the server's address on
   * @throws Unanswered if something was to be made, and it is not known whether it was
   * @throws SetupError with what is wrong and what to do, if it is refused
   */
  async ask(method: Method, path: string, body?: object): Promise<Answer> {
    const what = `${method} ${this.server.url}${path}`;
    for (let tries = 1; ; tries++) {
      const ended = await this.send(method, path, body).catch((error: unknown) => ({ error }));
      if ("data" in ended) return ended;
      const refusal = "error" in ended ? { status: 599, headers: new Headers(), message: "" } : ended;
      const told = "error" in ended ? silent(what, ended.error) : refused(what, ended.status, ended.message);
      if (method === "POST" && isServerFault(refusal)) throw new Unanswered(told);
      const pause = pauseAfter(refusal, tries, Date.now());
      if (pause === undefined || tries >= (this.server.tries ?? 5)) throw new SetupError(told);
      if (Date.now() + pause > this.until) throw new SetupError(isServerFault(refusal) ? told : tooLong(what, pause));
      await (this.server.sleep ?? delay)(pause);
    }
  }

  private async send(method: Method, path: string, body?: object): Promise<Answer | Refusal> {
    const { url, token, answer = 20_000 } = this.server;
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/vnd.github+json, application/json",
        "user-agent": "blue-green",
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(answer),
    });
    const data = jsonOf(await response.text());
    const { status, headers } = response;
    if (response.ok && data !== undefined) return { data, headers };
    const message = response.ok ? "what it sent is no JSON" : ((data as { message?: unknown } | null)?.message ?? "");
    return { status, headers, message: typeof message === "string" ? message : "" };
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { SetupError } from "../../common/step";
import type { Client } from "./client";
import { allPages } from "./pages";

/** A comment in a pull request's conversation. */
export interface Comment {
  id: number;
  body: string;
  /** Who wrote it, by login. */
  author: string;
}

interface Raw {
  id: number;
  body?: string | null;
  user?: { login?: string } | null;
  html_url?: string;
}

/** The conversation of one pull request. */
export class PullRequest {
  private readonly path: string;

  /**
   * @param repository `owner/name`
   * @param pull       the pull request's number
   */
  constructor(
    private readonly client: Client,
    repository: string,
    readonly pull: number,
  ) {
    this.path = `/repos/${repository}/issues`;
  }

  /** All comments, the oldest first. */
  async comments(): Promise<Comment[]> {
    const all = (await allPages(this.client, `${this.path}/${this.pull}/comments`)) as Raw[];
    return all
      .map(({ id, body, user }) => ({ id, body: body ?? "", author: user?.login ?? "" }))
      .sort((one, other) => one.id - other.id);
  }

  /** Writes a new comment, and returns its address. */
  async create(body: string): Promise<string> {
    return addressOf(await this.client.ask("POST", `${this.path}/${this.pull}/comments`, { body }));
  }

  /** Gives a comment another text, and returns its address. */
  async update(id: number, body: string): Promise<string> {
    return addressOf(await this.client.ask("PATCH", `${this.path}/comments/${id}`, { body }));
  }
}

const addressOf = ({ data }: { data: unknown }) => (data as Raw | null)?.html_url ?? "";

/**
 * The pull request by which a commit came to a branch; nothing if it was pushed there.
 *
 * @param repository `owner/name`
 * @param commit     its full name
 */
export async function pullOf(client: Client, repository: string, commit: string): Promise<number | undefined> {
  const path = `/repos/${repository}/commits/${commit}/pulls`;
  const { data } = await client.ask("GET", path);
  if (!Array.isArray(data)) throw new SetupError(`${client.server.url}${path} is no list: is GITHUB_API_URL right?`);
  const merged = (data as { number: number; merged_at?: string | null }[]).filter(({ merged_at }) => merged_at);
  return merged.at(-1)?.number;
}

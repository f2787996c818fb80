import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from "node:http2";
import { HOST, PATIENCE, isMaintenance } from "../door";
import { Visitor } from "./visitor";

const STREAMS = 5;
/** What a server refuses before it has looked at it may be sent again: it is not lost. */
const REFUSED = /REFUSED_STREAM|ERR_HTTP2_GOAWAY_SESSION|INVALID_SESSION/;

/** HTTP/2, several streams of one connection at once, as long as there is TLS. */
export class Http2Visitor extends Visitor {
  override readonly name = "HTTP/2";
  private session: ClientHttp2Session | undefined;
  private port = 0;

  override pause(): number {
    return 4 * super.pause();
  }

  async turn(): Promise<void> {
    const { tls } = this.door;
    if (tls === undefined || this.port !== tls) this.close();
    if (tls === undefined) return;
    this.port = tls;
    const session = (this.session ??= this.open(tls));
    await Promise.all(Array.from({ length: STREAMS }, () => this.ask(session)));
  }

  private open(port: number): ClientHttp2Session {
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    const over = () => this.session === session && (this.session = undefined);
    return session.on("error", over).on("close", over).on("goaway", over);
  }

  private ask(session: ClientHttp2Session): Promise<void> {
    const { port } = this;
    const sentAt = performance.now();
    const head = { [constants.HTTP2_HEADER_PATH]: "/version", [constants.HTTP2_HEADER_AUTHORITY]: HOST };
    return new Promise((resolve) => {
      let [answer, body]: [IncomingHttpHeaders | undefined, string] = [undefined, ""];
      const end = (error?: string) => {
        const status = Number(answer?.[constants.HTTP2_HEADER_STATUS] ?? 0);
        const version = status === 200 ? body.trim() : undefined;
        const told = {
          color: this.door.colorIn(answer ?? {}),
          maintenance: isMaintenance(status, answer ?? {}),
          error,
        };
        if (!error || !REFUSED.test(error))
          this.tell({ port, sentAt, status, reused: true, ...told, ...(version && { version }) });
        resolve();
      };
      try {
        const stream = session.request(head).setEncoding("utf8");
        stream.setTimeout(PATIENCE, () => stream.destroy(new Error("timeout")));
        let failed: string | undefined;
        stream.on("response", (headers) => (answer = headers)).on("data", (more: string) => (body += more));
        stream.on("error", (error: NodeJS.ErrnoException) => (failed = `${error.code ?? ""} ${error.message}`));
        stream.on("close", () => end(failed ?? (answer ? undefined : "closed without an answer")));
        stream.end();
      } catch (error) {
        end(`${(error as NodeJS.ErrnoException).code ?? ""} ${(error as Error).message}`);
      }
    });
  }

  override close(): void {
    this.session?.destroy();
    this.session = undefined;
  }
}

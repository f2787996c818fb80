import { once } from "node:events";
import { connect as http2, type ClientHttp2Session } from "node:http2";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";

/** One kept connection by HTTP/1.1 to an application that answers with the head that it got. */
export class Line {
  private constructor(private readonly socket: Socket) {}

  static async open(port: number): Promise<Line> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new Line(socket);
  }

  /** Sends a head as these bytes, and gives the status and the body of the answer, byte by byte as characters. */
  async ask(head: string): Promise<{ status: number; body: string }> {
    this.socket.write(Buffer.from(head, "latin1"));
    for (let seen = ""; ;) {
      const [data] = (await once(this.socket, "data")) as [Buffer];
      seen += data.toString("latin1");
      const end = seen.indexOf("\r\n\r\n");
      const length = Number(/^content-length: (\d+)/im.exec(seen)?.[1] ?? 0);
      if (end >= 0 && seen.length >= end + 4 + length)
        return { status: Number(seen.split(" ", 2)[1]), body: seen.slice(end + 4) };
    }
  }

  close(): void {
    this.socket.destroy();
  }
}

/** One connection by HTTP/2. */
export const openHttp2 = (port: number): ClientHttp2Session =>
  http2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });

/** One request by HTTP/2. */
export async function askHttp2With(
  session: ClientHttp2Session,
  headers: Record<string, string | string[]>,
): Promise<{ status: number; body: string; headers: Record<string, string | string[] | undefined> }> {
  const stream = session.request({ ":path": "/", ...headers });
  const [answer] = (await once(stream, "response")) as [Record<string, string>];
  return { status: Number(answer[":status"]), headers: answer, body: (await buffer(stream)).toString("latin1") };
}

/** The values of a header in a head, one for each line, as they stand there. */
export const valuesOf = (head: string, name: string): string[] =>
  head.split("\r\n").flatMap((line) => {
    const [key = "", ...rest] = line.split(":");
    return key.toLowerCase() === name ? [rest.join(":").replace(/^ /, "")] : [];
  });

import type net from "node:net";
import { HOST, PATIENCE, isMaintenance } from "../door";
import { Visitor } from "./visitor";

/** One answer of several on a connection. */
interface Piece {
  status: number;
  headers: { [name: string]: string };
  body: string;
}

/** The whole answers at the beginning of some bytes. Each states its length, or ends with the connection. */
export function answersIn(text: string, ended: boolean): Piece[] {
  const pieces: Piece[] = [];
  for (let rest = text; rest !== "";) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) break;
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [line.split(":")[0]!.toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const stated = headers["content-length"];
    const [body, next] = headers["transfer-encoding"]
      ? chunked(rest.slice(end + 4))
      : sized(rest.slice(end + 4), stated, ended);
    if (body === undefined) break;
    pieces.push({ status: Number(first.split(" ")[1]), headers, body });
    rest = next;
  }
  return pieces;
}

function sized(text: string, stated: string | undefined, ended: boolean): [string | undefined, string] {
  if (stated === undefined) return [ended ? text : undefined, ""];
  const length = Number(stated);
  return text.length < length ? [undefined, ""] : [text.slice(0, length), text.slice(length)];
}

function chunked(text: string): [string | undefined, string] {
  let body = "";
  for (let rest = text; ;) {
    const line = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (!line) return [undefined, ""];
    const length = parseInt(line[1]!, 16);
    const from = line[0].length;
    if (rest.length < from + length + 2) return [undefined, ""];
    body += rest.slice(from, from + length);
    rest = rest.slice(from + length + 2);
    if (length === 0) return [body, rest];
  }
}

/** A client that writes its bytes itself, on a connection of its own each time. */
abstract class RawVisitor extends Visitor {
  /** So many answers are asked for. */
  protected readonly wanted: number = 1;

  /** Writes what is asked. */
  protected abstract write(socket: net.Socket): Promise<void>;

  async turn(): Promise<void> {
    const port = this.door.answering;
    const sentAt = performance.now();
    const came = { text: "" };
    try {
      const socket = await this.door.connect();
      const whole = this.whole(socket, came);
      await this.write(socket);
      await whole;
      this.judge(port, sentAt, answersIn(came.text, true));
    } catch (error) {
      const status = answersIn(came.text, false)[0]?.status ?? 0;
      const message = `${(error as Error).message} after ${JSON.stringify(came.text.slice(-80))}`;
      this.tell({ port, sentAt, status, error: message });
    }
  }

  /** Resolves when all answers have come, or the other side has hung up. */
  private whole(socket: net.Socket, came: { text: string }): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => socket.destroy(new Error("timeout")), PATIENCE);
      socket.setEncoding("latin1").on("data", (more: string) => {
        came.text += more;
        if (answersIn(came.text, false).length >= this.wanted) socket.destroy();
      });
      socket.on("error", reject);
      socket.on("close", () => (clearTimeout(late), resolve()));
    });
  }

  private judge(port: number, sentAt: number, pieces: Piece[]): void {
    // Who says that he hangs up owes no answer to what comes behind.
    const over = pieces.at(-1)?.headers["connection"]?.toLowerCase() === "close";
    if (pieces.length === 0 || (pieces.length < this.wanted && !over))
      return this.tell({ port, sentAt, status: 0, error: `${pieces.length} of ${this.wanted} answers` });
    for (const { status, headers, body } of pieces) {
      const version = status === 200 ? body.trim() : undefined;
      const maintenance = isMaintenance(status, headers);
      this.tell({ port, sentAt, status, color: this.door.colorIn(headers), maintenance, ...(version && { version }) });
    }
  }
}

const HEAD = `GET /version HTTP/1.1\r\nHost: ${HOST}\r\nX-Half: and half\r\n`;

/** The head of a request in two halves, seconds apart. */
export class HalfVisitor extends RawVisitor {
  override readonly name = "half-sent";

  protected async write(socket: net.Socket): Promise<void> {
    const half = 10 + Math.floor(Math.random() * (HEAD.length - 10));
    socket.write(HEAD.slice(0, half));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 3_000));
    socket.write(`${HEAD.slice(half)}\r\n`);
  }
}

/** Several requests in one go. */
export class PipelineVisitor extends RawVisitor {
  override readonly name = "pipelined";
  protected override readonly wanted = 4;

  protected async write(socket: net.Socket): Promise<void> {
    socket.write(`${HEAD}\r\n`.repeat(this.wanted));
  }
}

/** HTTP/1.0. */
export class OldVisitor extends RawVisitor {
  override readonly name = "HTTP/1.0";

  protected async write(socket: net.Socket): Promise<void> {
    socket.write(`GET /version HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`);
  }
}

import WebSocket from "ws";
import { HOST, PATIENCE, isMaintenance } from "../door";
import { Visitor } from "./visitor";

/** A websocket that says a word every second, and must get it back. Some stay for long, others for some seconds. */
export class SocketVisitor extends Visitor {
  override readonly name = "websocket";
  private socket: WebSocket | undefined;
  private port = 0;
  private openedAt = 0;
  private leavesAt = 0;
  private color: string | undefined;

  override pause(): number {
    return 1_000;
  }

  async turn(): Promise<void> {
    if (this.port !== this.door.answering || performance.now() > this.leavesAt) this.close();
    if (!this.socket) return this.open();
    const word = String(Math.random());
    const came = await this.say(this.socket, word);
    if (this.socket && came !== word) this.lost(`sent ${word}, ${came}`);
  }

  private open(): Promise<void> {
    const url = this.door.url("/ws");
    url.protocol = url.protocol.replace("http", "ws");
    this.port = this.door.answering;
    this.leavesAt = performance.now() + (Math.random() < 0.5 ? 8_000 : 90_000);
    const { port } = this;
    const sentAt = (this.openedAt = performance.now());
    const socket = new WebSocket(url, {
      rejectUnauthorized: false,
      headers: { host: HOST },
      handshakeTimeout: PATIENCE,
    });
    return new Promise((resolve) => {
      socket.on("upgrade", ({ headers }) => (this.color = this.door.colorIn(headers)));
      socket.on("unexpected-response", (request, response) => {
        const { statusCode: status = 0, headers } = response;
        this.tell({
          port,
          sentAt,
          status,
          color: this.door.colorIn(headers),
          maintenance: isMaintenance(status, headers),
        });
        request.destroy();
        resolve();
      });
      socket.on("error", ({ message }) => {
        if (
          socket.readyState !== WebSocket.OPEN &&
          this.socket !== socket &&
          !/unexpected|before the connection/i.test(message)
        )
          this.tell({ port, sentAt, status: 0, error: message });
        resolve();
      });
      socket.on("open", () => {
        this.socket = socket;
        this.tell({ port, sentAt, status: 101, color: this.color });
        resolve();
      });
      socket.on("close", (code) => this.socket === socket && this.lost(`closed with ${code}`));
    });
  }

  private say(socket: WebSocket, word: string): Promise<string> {
    return new Promise((resolve) => {
      const heard = (data: Buffer) => done(data.toString());
      const closed = () => done("it was closed");
      const late = setTimeout(() => done("nothing came back"), PATIENCE);
      const done = (came: string) => {
        clearTimeout(late);
        socket.off("message", heard).off("close", closed);
        resolve(came);
      };
      socket.on("message", heard).on("close", closed);
      socket.send(word);
    });
  }

  /** Records that it was ended, by whomever but us. */
  private lost(error: string): void {
    const { socket, port, color, openedAt } = this;
    this.socket = undefined;
    socket?.terminate();
    const endedAt = performance.now();
    // It is its end that is judged: it was good until now.
    this.tell({
      port,
      sentAt: endedAt,
      endedAt,
      status: 101,
      color,
      lasting: true,
      error: `${error}, open for ${Math.round(endedAt - openedAt)} ms`,
    });
  }

  override close(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }
}

import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import WebSocket from "ws";

/** What became of a piece of work that takes longer than a switch. */
export interface Ended {
  color: string;
  /** The whole answer, or why it broke off. */
  body: string;
}

/** An answer that ticks for some seconds. */
export const stream = (url: string, seconds: number) =>
  new Promise<Ended>((resolve, reject) => {
    request(`${url}/stream?seconds=${seconds}&interval=0.5`, { agent: false }, (response) => {
      const color = String(response.headers["x-bluegreen-color"]);
      text(response).then((body) => resolve({ color, body }), reject);
    })
      .on("error", reject)
      .end();
  });

/** A body that is sent over some seconds. */
export const slowPost = (url: string, seconds: number) =>
  new Promise<Ended>((resolve, reject) => {
    const post = request(`${url}/upload`, { method: "POST", agent: false }, (response) => {
      const color = String(response.headers["x-bluegreen-color"]);
      text(response).then((body) => resolve({ color, body }), reject);
    }).on("error", reject);
    void (async () => {
      for (let sent = 0; sent < seconds * 2; sent++) {
        post.write("x".repeat(100));
        await wait(500);
      }
      post.end();
    })();
  });

/** A websocket to the demo's echo. */
export class Echo {
  private constructor(
    private readonly socket: WebSocket,
    readonly color: string,
  ) {
    socket.on("close", () => (this.closedAt = performance.now()));
    socket.on("error", () => undefined);
  }

  /** When it was closed, by whomever; undefined while it is open. */
  closedAt: number | undefined;

  static open(url: string): Promise<Echo> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
      let color = "";
      socket.on("upgrade", ({ headers }) => (color = String(headers["x-bluegreen-color"])));
      socket.on("open", () => resolve(new Echo(socket, color)));
      socket.on("error", reject);
    });
  }

  /** What comes back for a word. */
  say(word: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.socket.once("message", (data: Buffer) => resolve(data.toString()));
      this.socket.once("close", () => reject(new Error("closed")));
      this.socket.send(word);
    });
  }

  close(): void {
    this.socket.close();
  }
}

// A websocket that sends back what it gets: the part of RFC 6455 that an echo needs.
import { createHash } from "node:crypto";

const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
// Continuation, text, binary and the three above: all others are reserved.
const KNOWN = new Set([0x0, 0x1, 0x2, CLOSE, PING, PONG]);
const LONGEST = 1 << 20;

/** The answer to a client's Sec-WebSocket-Key. */
export const acceptKey = (key) =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** A frame as a server sends it: unmasked. */
export function encodeFrame(opcode, payload, final = true) {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = (final ? 0x80 : 0) | opcode;
  header[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}

/** The first frame in `bytes` and what follows it; nothing while it is not whole. Throws the close code of a breach. */
export function decodeFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const [first, second] = bytes;
  const short = second & 0x7f;
  const opcode = first & 0x0f;
  const final = (first & 0x80) !== 0;
  const control = opcode >= CLOSE;
  // Clients mask; no extension was agreed on; a control frame is short and whole.
  if (!(second & 0x80) || first & 0x70 || !KNOWN.has(opcode) || (control && (short > 125 || !final))) throw 1002;
  const wide = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + wide + 4;
  if (bytes.length < start) return undefined;
  const length = wide === 2 ? bytes.readUInt16BE(2) : wide === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (length > LONGEST) throw 1009;
  if (bytes.length < start + length) return undefined;
  const mask = bytes.subarray(start - 4, start);
  const payload = Buffer.from(bytes.subarray(start, start + length));
  for (let i = 0; i < length; i++) payload[i] ^= mask[i & 3];
  return { final, opcode, payload, rest: bytes.subarray(start + length) };
}

/** Agrees to the upgrade and echoes, frame by frame, until one side closes. Returns what says good-bye from this side. */
export function openWebSocket(request, socket) {
  socket.on("error", () => socket.destroy());
  const key = request.headers["sec-websocket-key"];
  if (!key || request.headers["sec-websocket-version"] !== "13") {
    socket.end("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nConnection: close\r\n\r\n");
    return () => {};
  }
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write([...head, `Sec-WebSocket-Accept: ${acceptKey(key)}`, "", ""].join("\r\n"));

  const close = (payload) => {
    socket.removeListener("data", take);
    socket.resume().end(encodeFrame(CLOSE, payload));
    // A peer that never hangs up must not keep this process.
    setTimeout(() => socket.destroy(), 1_000).unref();
  };
  const closeBy = (code) => close(Buffer.from([code >> 8, code & 0xff]));
  let bytes = Buffer.alloc(0);
  const take = (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    try {
      for (let frame; (frame = decodeFrame(bytes)); bytes = frame.rest) {
        const { opcode, payload, final } = frame;
        if (opcode === CLOSE) return close(payload);
        if (opcode === PING) socket.write(encodeFrame(PONG, payload));
        else if (opcode !== PONG) socket.write(encodeFrame(opcode, payload, final));
      }
    } catch (code) {
      closeBy(code);
    }
  };
  socket.on("data", take);
  return () => closeBy(1001);
}

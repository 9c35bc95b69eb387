/** A small websocket client: text frames, pings and closes are all the tests need. */

import crypto from 'node:crypto';
import http from 'node:http';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/**
 * Connects and logs in.
 * @param {string} origin such as `http://127.0.0.1:2536`
 * @param {string} initData
 * @param {string} app the mini app
 */
export async function login(origin, initData, app = 'mini_event') {
  const { socket, head } = await upgrade(new URL('/wss/', origin));
  const frames = [];
  const waiting = new Set();
  const send = (message) => socket.write(encode(TEXT, Buffer.from(JSON.stringify({ ...message, app }))));

  /** The first frame, already here or still to come, that `wanted` holds for. */
  function next(wanted, from = 0) {
    const there = frames.slice(from).find(wanted);
    if (there) return Promise.resolve(there);
    return new Promise((done, failed) => {
      const waiter = { wanted, done };
      waiting.add(waiter);
      setTimeout(() => waiting.delete(waiter) && failed(new Error(`no such frame; got ${JSON.stringify(frames.slice(-5))}`)), 10_000).unref();
    });
  }

  /** Sends, and waits for the answer. */
  function ask(message, wanted) {
    const from = frames.length;
    send(message);
    return next((frame) => wanted(frame) || frame.type === 'error', from);
  }

  function receive(frame) {
    frames.push(frame);
    for (const waiter of waiting) if (waiter.wanted(frame) && waiting.delete(waiter)) waiter.done(frame);
  }

  decode(socket, head, (opcode, payload) => {
    if (opcode === TEXT) receive(JSON.parse(payload.toString()));
    if (opcode === PING) socket.write(encode(PONG, payload));
    if (opcode === CLOSE) socket.end();
  });
  socket.on('error', () => {});
  await next((frame) => frame.type === 'connect');
  send({ type: 'login', data: initData });
  await next((frame) => frame.type.endsWith('s-loaded') || frame.type === 'disconnect');
  return { frames, send, next, ask, close: () => socket.destroy() };
}

function upgrade(url) {
  return new Promise((done, failed) => {
    const request = http.get(url, { headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': crypto.randomBytes(16).toString('base64') } });
    request.on('upgrade', (_, socket, head) => done({ socket, head }));
    request.on('response', (answer) => failed(new Error(`no websocket at ${url}: ${answer.statusCode}`)));
    request.on('error', failed);
  });
}

function encode(opcode, payload) {
  const mask = crypto.randomBytes(4);
  const size = payload.length;
  const head = size < 126 ? Buffer.from([0x80 | opcode, 0x80 | size]) : size < 65_536 ? Buffer.from([0x80 | opcode, 0xfe, size >> 8, size & 255]) : longHead(opcode, size);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}

function longHead(opcode, size) {
  const head = Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 0xff;
  head.writeBigUInt64BE(BigInt(size), 2);
  return head;
}

function decode(socket, head, onFrame) {
  let rest = head;
  const read = (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = first(rest); frame; frame = first(rest)) {
      rest = rest.subarray(frame.end);
      onFrame(frame.opcode, frame.payload);
    }
  };
  socket.on('data', read);
  read(Buffer.alloc(0));
}

/** Servers neither mask nor, here, split their frames. */
function first(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 127;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return null;
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  const end = start + size;
  return bytes.length < end ? null : { opcode: bytes[0] & 15, payload: bytes.subarray(start, end), end };
}

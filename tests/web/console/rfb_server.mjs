// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// A small RFB server (RFC 6143, with QEMU's extended key events and LED state) that records keys. It shows a grey picture.
// What QEMU can't be made to do on demand is done here: a flood, nonsense, a keyboard with a queue that overflows.

const encodings = { qemuKeys: -258, leds: -261 };
const width = 640;
const height = 400;

/** Bytes of a scancode in a PS/2 keyboard's queue (set 2): a release has a prefix, and so has an extended key. */
const queueBytes = (scancode, down) => (down ? 1 : 2) + (scancode > 0xff ? 1 : 0);
const numLock = 0x45;

/**
 * Serves one connection. `connection` has `send(Buffer)` and is fed by `receive(Buffer)`.
 * options.readEvery: the guest reads one key event in so many milliseconds, from a queue of 16 bytes; 0: at once.
 * options.leds: false: a guest that sets no LEDs.
 */
export class RfbServer {
  keys = []; // {scancode, down}
  lost = 0;
  cutTexts = [];
  pointers = 0;
  encodings = [];
  #state = "version";
  #data = Buffer.alloc(0);
  #queue = [];
  #queued = 0;
  #leds = 2; // Num Lock
  #send;
  #options;
  #request = false;
  #ledsChanged = false;
  #drawn = false;
  #timer;

  constructor(send, options = {}) {
    this.#send = send;
    this.#options = { readEvery: 0, leds: true, name: "test", ...options };
    send(Buffer.from("RFB 003.008\n"));
    if (this.#options.readEvery > 0) this.#timer = setInterval(() => this.#guestReads(), this.#options.readEvery);
  }

  close() {
    clearInterval(this.#timer);
  }

  receive(data) {
    this.#data = Buffer.concat([this.#data, data]);
    for (;;) {
      const used = this.#step(this.#data);
      if (used === 0) return;
      this.#data = this.#data.subarray(used);
    }
  }

  #step(data) {
    switch (this.#state) {
      case "version":
        if (data.length < 12) return 0;
        this.#state = "security";
        this.#send(Buffer.from([1, 1]));
        return 12;
      case "security":
        if (data.length < 1) return 0;
        this.#state = "init";
        this.#send(Buffer.alloc(4));
        return 1;
      case "init":
        if (data.length < 1) return 0;
        this.#state = "normal";
        this.#serverInit();
        return 1;
      default:
        return this.#message(data);
    }
  }

  #serverInit() {
    const name = Buffer.from(this.#options.name);
    const init = Buffer.alloc(24);
    init.writeUInt16BE(width, 0);
    init.writeUInt16BE(height, 2);
    init.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0], 4);
    init.writeUInt32BE(name.length, 20);
    this.#send(Buffer.concat([init, name]));
  }

  #message(data) {
    if (data.length < 1) return 0;
    switch (data[0]) {
      case 0:
        return data.length < 20 ? 0 : 20;
      case 2: {
        if (data.length < 4 || data.length < 4 + 4 * data.readUInt16BE(2)) return 0;
        const count = data.readUInt16BE(2);
        this.encodings = Array.from({ length: count }, (_, at) => data.readInt32BE(4 + 4 * at));
        return 4 + 4 * count;
      }
      case 3:
        if (data.length < 10) return 0;
        if (data[1] === 0) this.#drawn = false;
        this.#request = true;
        this.#update();
        return 10;
      case 4: // a keysym alone: QEMU would guess the key
        if (data.length < 8) return 0;
        this.keys.push({ keysym: data.readUInt32BE(4), down: data[1] === 1 });
        return 8;
      case 5:
        if (data.length < 6) return 0;
        this.pointers += 1;
        return 6;
      case 6: {
        if (data.length < 8 || data.length < 8 + Math.abs(data.readInt32BE(4))) return 0;
        const length = Math.abs(data.readInt32BE(4));
        this.cutTexts.push(data.subarray(8, 8 + length).toString("latin1"));
        return 8 + length;
      }
      case 255:
        if (data.length < 12) return 0;
        this.#key(data.readUInt32BE(8), data.readUInt16BE(2) === 1);
        return 12;
      default:
        throw new Error(`the browser sent message ${data[0]}`);
    }
  }

  /** `wire` has an extended scancode's prefix as bit 7. */
  #key(wire, down) {
    const scancode = wire > 0x7f ? 0xe000 | (wire & 0x7f) : wire;
    const bytes = queueBytes(scancode, down);
    if (this.#options.readEvery > 0 && this.#queued + bytes > 16) {
      this.lost += 1;
      return;
    }
    this.#queue.push({ scancode, down, bytes });
    this.#queued += bytes;
    if (this.#options.readEvery === 0) this.#guestReads();
  }

  #guestReads() {
    const key = this.#queue.shift();
    if (key === undefined) return;
    this.#queued -= key.bytes;
    this.keys.push({ scancode: key.scancode, down: key.down });
    if (key.scancode === numLock && key.down && this.#options.leds) {
      this.#leds ^= 2;
      this.#ledsChanged = true;
      this.#update();
    }
  }

  #update() {
    if (!this.#request) return;
    const rects = [];
    if (!this.#drawn) {
      if (this.encodings.includes(encodings.qemuKeys)) rects.push(this.#rect(encodings.qemuKeys));
      for (let y = 0; y < height; y += 100) {
        const pixels = Buffer.alloc(width * 100 * 4, y % 200 === 0 ? 0x60 : 0x90);
        rects.push(Buffer.concat([this.#rect(0, 0, y, width, 100), pixels]));
      }
    }
    if (this.#ledsChanged && this.encodings.includes(encodings.leds)) {
      rects.push(Buffer.concat([this.#rect(encodings.leds), Buffer.from([this.#leds])]));
    }
    if (rects.length === 0) return;
    this.#drawn = true;
    this.#ledsChanged = this.#request = false;
    this.#send(Buffer.concat([Buffer.from([0, 0, 0, rects.length]), ...rects]));
  }

  #rect(encoding, x = 0, y = 0, w = 0, h = 0) {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(x, 0);
    head.writeUInt16BE(y, 2);
    head.writeUInt16BE(w, 4);
    head.writeUInt16BE(h, 6);
    head.writeInt32BE(encoding, 8);
    return head;
  }

  /** Text in the guest's clipboard. */
  cutText(text) {
    const bytes = Buffer.from(text, "latin1");
    const head = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(bytes.length, 4);
    this.#send(Buffer.concat([head, bytes]));
  }

  /** `times` whole frames that nobody asked for. */
  flood(times) {
    const pixels = Buffer.alloc(width * height * 4, 0x40);
    const frame = Buffer.concat([Buffer.from([0, 0, 0, 1]), this.#rect(0, 0, 0, width, height), pixels]);
    for (let n = 0; n < times; n += 1) this.#send(frame);
  }

  /** Something that is no RFB message. */
  nonsense() {
    this.#send(Buffer.from([99, 1, 2, 3]));
  }
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The RFB part of a console's WebSocket: noVNC sees the binary messages only, and its own sends are cut to netbootd's limit.
import type { RawChannel } from "@novnc/novnc";

/** Limit of a message to netbootd, in bytes. */
const messageLimit = 65536;
/** Security types, security result and server's initialisation are each an answer; later messages are not. */
const handshakeAnswers = 3;

export class RfbChannel implements RawChannel {
  binaryType = "arraybuffer";
  onopen: RawChannel["onopen"] = null;
  onmessage: RawChannel["onmessage"] = null;
  onclose: RawChannel["onclose"] = null;
  onerror: RawChannel["onerror"] = null;
  readonly protocol = "";
  /** Bytes received since the start. */
  received = 0;
  private sentAt = 0;
  private answers = 0;
  private fastestAnswer = Infinity;

  constructor(private readonly socket: WebSocket) {}

  get readyState(): number {
    return this.socket.readyState;
  }

  /** Round trip to the VNC server in milliseconds, measured by the handshake; Infinity before it. */
  get roundTrip(): number {
    return this.fastestAnswer;
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.sentAt === 0 && this.answers < handshakeAnswers) this.sentAt = performance.now();
    for (let at = 0; at < data.length; at += messageLimit) {
      this.socket.send(data.subarray(at, at + messageLimit));
    }
  }

  close(): void {
    this.socket.close();
  }

  /** Hands a binary message to noVNC. An exception there (a server that floods or sends nonsense) is the caller's to report. */
  deliver(data: ArrayBuffer): void {
    this.received += data.byteLength;
    if (this.sentAt !== 0) {
      this.fastestAnswer = Math.min(this.fastestAnswer, performance.now() - this.sentAt);
      this.sentAt = 0;
      this.answers += 1;
    }
    this.onmessage?.({ data });
  }

  closed(code: number): void {
    this.onclose?.({ code });
  }
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The connection to netbootd: opens it with the pass, resumes it when it breaks, and says when it is over.
import { RfbChannel } from "./channel";
import { type Hello, type Message, parseMessage } from "./protocol";

/** Why a console is over. The first five come from netbootd. */
export type EndReason =
  | "session-ended"
  | "revoked"
  | "replaced"
  | "protocol"
  | "refused"
  | "pass-refused"
  | "lost"
  | "left";

export interface LinkListener {
  connecting(): void;
  /** A channel without any RFB message yet: make a new RFB object for it now. */
  connected(hello: Hello, channel: RfbChannel): void;
  message(message: Exclude<Message, Hello>): void;
  /** The connection broke; the next attempt is in `seconds`. */
  broken(seconds: number): void;
  ended(reason: EndReason): void;
}

/** netbootd resumes a console for this long after a break, in milliseconds. */
const resumeLimit = 60_000;
const delays = [0, 1, 2, 4, 8] as const;
/** Limit of a connection's way to `hello`, and the life from which on a connection was a good one; in milliseconds. */
const helloLimit = 15_000;
const goodLife = 5_000;

export class Link {
  private socket: WebSocket | null = null;
  private channel: RfbChannel | null = null;
  private token = "";
  private brokeAt = 0;
  private helloAt = 0;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private helloTimer: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  /** `secret` is "pass.PASS" or "resume.TOKEN". */
  constructor(
    private readonly url: string,
    private readonly secret: string,
    private readonly listener: LinkListener,
  ) {}

  /** Token that resumes this console, once and within a minute; empty if there is none. */
  get resumeToken(): string {
    return this.over ? "" : this.token;
  }

  open(): void {
    this.brokeAt = performance.now();
    this.dial();
  }

  /** Ends the console for good. */
  leave(): void {
    this.end("left");
  }

  /** Ends this connection as broken: noVNC found no sense in it. The console is resumed. */
  drop(): void {
    this.socket?.close();
  }

  /** Retries at once if a retry is waiting. */
  hurry(): void {
    if (this.retry === undefined) return;
    clearTimeout(this.retry);
    this.dial();
  }

  sendLabel(text: string): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ type: "label", text: text.slice(0, 64) }));
  }

  private dial(): void {
    this.retry = undefined;
    this.listener.connecting();
    const secret = this.token === "" ? this.secret : `resume.${this.token}`;
    const socket = new WebSocket(this.url, ["rescue-console", secret]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.channel = null;
    this.helloTimer = setTimeout(() => this.closed(socket, 1006), helloLimit);
    socket.onmessage = (event) => this.read(socket, event.data);
    socket.onclose = (event) => void this.closed(socket, event.code);
  }

  private read(socket: WebSocket, data: unknown): void {
    if (socket !== this.socket || this.over) return;
    if (typeof data === "string") {
      const message = parseMessage(data);
      if (message !== undefined) this.readMessage(socket, message);
    } else if (data instanceof ArrayBuffer && this.channel !== null) {
      try {
        this.channel.deliver(data);
      } catch (error) {
        console.error("the screen's data could not be read", error);
        socket.close();
      }
    }
  }

  private readMessage(socket: WebSocket, message: Message): void {
    if (message.type === "ending") {
      this.end(reasonOf(message.reason));
    } else if (message.type !== "hello") {
      this.listener.message(message);
    } else if (this.channel === null) {
      clearTimeout(this.helloTimer);
      this.token = message.resume;
      this.helloAt = performance.now();
      this.channel = new RfbChannel(socket);
      this.listener.connected(message, this.channel);
    }
  }

  private async closed(socket: WebSocket, code: number): Promise<void> {
    if (socket !== this.socket || this.over) return;
    clearTimeout(this.helloTimer);
    socket.close();
    this.socket = null;
    const was = this.channel;
    this.channel = null;
    if (was !== null) {
      was.closed(code);
      this.brokeAt = performance.now();
      if (this.brokeAt - this.helloAt > goodLife) this.attempt = 0;
    } else if (this.token === "" && (await answers())) {
      this.end("pass-refused");
      return;
    }
    this.scheduleRetry();
  }

  private scheduleRetry(): void {
    if (this.over) return;
    if (performance.now() - this.brokeAt > resumeLimit) {
      this.end("lost");
      return;
    }
    const seconds = delays[Math.min(this.attempt, delays.length - 1)] ?? 8;
    this.attempt += 1;
    this.retry = setTimeout(() => this.dial(), seconds * 1000);
    this.listener.broken(seconds);
  }

  private end(reason: EndReason): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.retry);
    clearTimeout(this.helloTimer);
    const channel = this.channel;
    const socket = this.socket;
    this.socket = this.channel = null;
    socket?.close();
    channel?.closed(1000);
    this.listener.ended(reason);
  }
}

/** A browser does not see why an upgrade was refused. If netbootd answers a plain request, it was the pass. */
async function answers(): Promise<boolean> {
  try {
    const response = await fetch("/v1/console", { cache: "no-store", credentials: "omit" });
    return response.status < 500;
  } catch {
    return false;
  }
}

function reasonOf(text: string): EndReason {
  switch (text) {
    case "session-ended":
    case "revoked":
    case "replaced":
    case "refused":
      return text;
    default:
      return "protocol";
  }
}

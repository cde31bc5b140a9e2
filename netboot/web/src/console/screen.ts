// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The guest's screen and keyboard over one RFB connection after another.
import type { RfbChannel } from "./channel";
import type { Preferences } from "./preferences";
import { type Level, Quality, settings } from "./quality";
import { ConsoleRfb } from "./rfb";
import type { Typist } from "./type_dialog";

export interface ScreenListener {
  firstFrame(): void;
  clipboard(text: string): void;
  /** The server has sent what is no RFB. */
  nonsense(): void;
  measured(level: Level, megabits: number | undefined, roundTrip: number): void;
}

export class Screen implements Typist {
  private rfb: ConsoleRfb | null = null;
  private channel: RfbChannel | null = null;
  private quality = new Quality();
  private connected = false;
  private frames = 0;
  private receivedBefore = 0;
  /** Read out by screen readers. */
  label = "";
  private waiting: ((changed: boolean) => void)[] = [];

  constructor(
    private readonly place: HTMLElement,
    private readonly preferences: Preferences,
    private readonly listener: ScreenListener,
  ) {}

  /** Shows a new connection. The last picture of the one before stays until the first frame. */
  attach(channel: RfbChannel, control: boolean): void {
    this.disconnect();
    this.channel = channel;
    this.frames = this.receivedBefore = 0;
    const rfb = new ConsoleRfb(this.place, channel);
    this.rfb = rfb;
    rfb.viewOnly = !control;
    rfb.showDotCursor = control;
    rfb.background = "transparent";
    this.applyFit();
    this.applyQuality();
    rfb.listen({ leds: () => this.answer(true), frame: (milliseconds) => this.frame(milliseconds) });
    rfb.addEventListener("connect", () => (this.connected = true));
    rfb.addEventListener("disconnect", (event) => this.disconnected(rfb, event as CustomEvent<{ clean: boolean }>));
    rfb.addEventListener("securityfailure", () => this.listener.nonsense());
    rfb.addEventListener("credentialsrequired", () => this.listener.nonsense());
    rfb.addEventListener("clipboard", (event) =>
      this.listener.clipboard((event as CustomEvent<{ text: string }>).detail.text),
    );
    // noVNC's canvas can be reached by the mouse only.
    rfb.canvas.tabIndex = 0;
    rfb.canvas.setAttribute("role", "application");
    rfb.canvas.setAttribute("aria-label", this.label);
  }

  detach(): void {
    this.disconnect();
    this.dropPicture();
  }

  ready(): boolean {
    return this.connected && this.rfb !== null && !this.rfb.viewOnly && this.rfb.takesScancodes;
  }

  key(code: string, down: boolean): void {
    this.rfb?.sendKey(0, code, down);
  }

  ledsChange(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), milliseconds);
      this.waiting.push((changed) => {
        clearTimeout(timer);
        resolve(changed);
      });
    });
  }

  clearCapsLock(): boolean {
    if (this.rfb?.capsLock !== true) return false;
    this.key("CapsLock", true);
    this.key("CapsLock", false);
    return true;
  }

  sendClipboard(text: string): void {
    this.rfb?.clipboardPasteFrom(text);
  }

  focus(): void {
    this.rfb?.focus({ preventScroll: true });
  }

  releaseKeys(): void {
    this.rfb?.releaseKeys();
    this.rfb?.blur();
  }

  applyFit(): void {
    if (this.rfb === null) return;
    this.rfb.scaleViewport = this.preferences.fits;
    this.rfb.clipViewport = false;
  }

  applyQuality(): void {
    if (this.rfb === null) return;
    const wish = this.preferences.quality;
    const { quality, compression } = settings[wish === "auto" ? this.quality.level : wish];
    this.rfb.qualityLevel = quality;
    this.rfb.compressionLevel = compression;
  }

  /** The picture as a PNG, or null if there is none. */
  picture(): Promise<Blob | null> {
    const rfb = this.rfb;
    if (rfb === null || this.frames === 0) return Promise.resolve(null);
    return new Promise((resolve) => rfb.toBlob(resolve, "image/png"));
  }

  private frame(milliseconds: number): void {
    this.frames += 1;
    if (this.frames === 1) {
      this.dropPicture();
      this.listener.firstFrame();
    }
    const channel = this.channel;
    if (channel === null) return;
    const bytes = channel.received - this.receivedBefore;
    this.receivedBefore = channel.received;
    const level = this.quality.frame(bytes, milliseconds, channel.roundTrip);
    this.applyQuality();
    this.listener.measured(level, this.quality.rate, channel.roundTrip);
  }

  private disconnect(): void {
    const rfb = this.rfb;
    this.forget();
    rfb?.disconnect();
  }

  /** noVNC has taken its canvas off the page: a copy stays. */
  private disconnected(rfb: ConsoleRfb, event: CustomEvent<{ clean: boolean }>): void {
    if (rfb !== this.rfb) return;
    if (this.frames > 0) this.keepPicture(rfb.canvas);
    this.forget();
    if (!event.detail.clean) this.listener.nonsense();
  }

  private forget(): void {
    this.rfb = this.channel = null;
    this.connected = false;
    this.answer(false);
  }

  private answer(changed: boolean): void {
    for (const resolve of this.waiting.splice(0)) resolve(changed);
  }

  private keepPicture(canvas: HTMLCanvasElement): void {
    this.dropPicture();
    const copy = document.createElement("canvas");
    copy.width = canvas.width;
    copy.height = canvas.height;
    copy.className = "last-picture";
    copy.getContext("2d")?.drawImage(canvas, 0, 0);
    this.place.append(copy);
  }

  private dropPicture(): void {
    this.place.querySelector(".last-picture")?.remove();
  }
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// noVNC with what it has no events for: keyboard LEDs, frames, and whether keys go as scancodes. Bound to the pinned version:
// the types of novnc.d.ts name each internal that is used.
import RFB, { type RawChannel } from "@novnc/novnc";

export interface RfbListener {
  /** The guest has set its keyboard's LEDs: it has read all keys up to the one that changed them. */
  leds(): void;
  /** One update of the screen was read, `milliseconds` after its first part. */
  frame(milliseconds: number): void;
}

export class ConsoleRfb extends RFB {
  private listener: RfbListener | null = null;
  private frameBegan = 0;

  constructor(target: Element, channel: RawChannel) {
    super(target, channel, { shared: true });
  }

  listen(listener: RfbListener): void {
    this.listener = listener;
  }

  get canvas(): HTMLCanvasElement {
    return this._canvas;
  }

  /** False: the server takes keysyms only, and text can't be typed by scancodes. */
  get takesScancodes(): boolean {
    return this._qemuExtKeyEventSupported;
  }

  /** True if the guest's Caps Lock is known to be on. */
  get capsLock(): boolean {
    return this._remoteCapsLock === true;
  }

  /** Releases all keys that the guest believes to be pressed. */
  releaseKeys(): void {
    this._keyboard._allKeysUp();
  }

  protected override _handleLedEvent(): boolean {
    const read = super._handleLedEvent();
    if (read) this.listener?.leds();
    return read;
  }

  protected override _framebufferUpdate(): boolean {
    if (this.frameBegan === 0) this.frameBegan = performance.now();
    const read = super._framebufferUpdate();
    if (read) {
      this.listener?.frame(performance.now() - this.frameBegan);
      this.frameBegan = 0;
    }
    return read;
  }
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The part of noVNC 1.7.0 that the console uses. Its package has no types; those of @types/novnc__novnc are of another path.
declare module "@novnc/novnc" {
  /** What RFB asks of a WebSocket. */
  export interface RawChannel {
    send(data: Uint8Array<ArrayBuffer>): void;
    close(): void;
    binaryType: string;
    onopen: (() => void) | null;
    onmessage: ((event: { data: ArrayBuffer }) => void) | null;
    onclose: ((event: { code?: number; reason?: string }) => void) | null;
    onerror: ((event: unknown) => void) | null;
    readonly protocol: string;
    readonly readyState: number;
  }

  export default class RFB extends EventTarget {
    constructor(target: Element, channel: RawChannel, options?: { shared?: boolean });
    viewOnly: boolean;
    focusOnClick: boolean;
    scaleViewport: boolean;
    clipViewport: boolean;
    dragViewport: boolean;
    showDotCursor: boolean;
    background: string;
    qualityLevel: number;
    compressionLevel: number;
    disconnect(): void;
    /** A `code` that the QEMU extension can send goes as a scancode; `keysym` 0 is "none". */
    sendKey(keysym: number, code: string, down: boolean): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    clipboardPasteFrom(text: string): void;
    toBlob(done: (blob: Blob | null) => void, type?: string): void;

    // Internals, for src/console/rfb.ts alone: there are no events for them.
    protected _canvas: HTMLCanvasElement;
    protected _keyboard: { _allKeysUp(): void };
    protected _qemuExtKeyEventSupported: boolean;
    protected _remoteCapsLock: boolean | null;
    protected _handleLedEvent(): boolean;
    protected _framebufferUpdate(): boolean;
  }
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Types planned keys no faster than the guest reads them.
//
// A PC keyboard's queue in QEMU has 16 bytes (PS/2) or 16 events (USB); what comes when it is full is lost, and RFB does not
// say so. A guest that gets Num Lock sets the keyboard's LED, which the VNC server reports: it has then read all keys before.
// One part of the text and one Num Lock fit into the queue, and the next part waits for the LED: a slow guest loses nothing.
// A guest without LEDs (firmware) is typed to slowly.
import type { KeyEvent, Stroke } from "./layouts/layout";

export interface Keyboard {
  key(code: string, down: boolean): void;
  /** Resolves with true at the next change of the keyboard's LEDs, with false after `milliseconds` without one. */
  ledsChange(milliseconds: number): Promise<boolean>;
}

export interface Progress {
  readonly typed: number;
  readonly of: number;
  /** False: the guest does not acknowledge keys, and they are sent at a low rate. */
  readonly acknowledged: boolean;
}

/** Bytes in the queue of a PS/2 keyboard: a press is one, a release two, and one more each for the right Alt key. */
const queueBytes = 16;
const numLock: Stroke = [
  { code: "NumLock", down: true },
  { code: "NumLock", down: false },
];
/** Bytes for one part: the release of the Num Lock before may be in the queue still, and its own Num Lock follows. */
const partBytes = queueBytes - bytesOf(numLock) - 2;
/** Limits of the first answer and of later ones, in milliseconds: a guest that has answered once may be busy for a while. */
const firstWait = 1500;
const laterWait = 30_000;
/** Num Lock is pressed again after this time, in milliseconds: it did not fit into the queue behind a long character. */
const again = 2_000;
/** Time for one event of a guest that acknowledges nothing, in milliseconds. */
const blindPace = 40;

/** "stalled": the guest has read no keys for half a minute. */
export type Outcome = "done" | "cancelled" | "stalled";

/** Types the strokes until done, until `signal` is aborted, or until the guest stalls; never a part of a character. */
export async function type(
  strokes: readonly Stroke[],
  keyboard: Keyboard,
  signal: AbortSignal,
  report: (progress: Progress) => void,
): Promise<Outcome> {
  const guest = new Acknowledgements(keyboard, signal);
  let typed = 0;
  let acknowledged = true;
  let outcome: Outcome = "done";
  while (typed < strokes.length && outcome === "done") {
    const part = nextPart(strokes, typed);
    typed += part.length;
    if (acknowledged) {
      acknowledged = await guest.read(part.flat());
      if (!acknowledged && guest.hasAnswered) outcome = "stalled";
    } else {
      await sendSlowly(part.flat(), keyboard);
    }
    if (signal.aborted) outcome = "cancelled";
    report({ typed, of: strokes.length, acknowledged });
  }
  guest.restoreNumLock();
  return outcome;
}

/** Sends parts of the text, each with a Num Lock behind it, and counts the answers. */
class Acknowledgements {
  private answers = 0;
  private readonly aborted: Promise<boolean>;

  constructor(
    private readonly keyboard: Keyboard,
    private readonly signal: AbortSignal,
  ) {
    this.aborted = new Promise((resolve) => signal.addEventListener("abort", () => resolve(false)));
  }

  get hasAnswered(): boolean {
    return this.answers > 0;
  }

  /** True once the guest has read the events. */
  async read(events: readonly KeyEvent[]): Promise<boolean> {
    const limit = this.hasAnswered ? laterWait : firstWait;
    let waited = 0;
    let next = [...events, ...numLock];
    while (waited < limit && !this.signal.aborted) {
      const wait = Math.min(again, limit - waited);
      const answer = this.answer(wait);
      send(next, this.keyboard);
      if (await answer) {
        // Num Lock was sent twice or more: a second answer would confirm a later part.
        while (waited > 0 && (await this.answer(again / 2)));
        return true;
      }
      waited += wait;
      next = [...numLock];
    }
    return false;
  }

  /** An odd number of changes has left Num Lock switched over. */
  restoreNumLock(): void {
    if (this.answers % 2 === 1) send(numLock, this.keyboard);
  }

  private async answer(milliseconds: number): Promise<boolean> {
    const changed = await Promise.race([this.keyboard.ledsChange(milliseconds), this.aborted]);
    if (changed) this.answers += 1;
    return changed;
  }
}

function nextPart(strokes: readonly Stroke[], from: number): readonly Stroke[] {
  let bytes = 0;
  let to = from;
  while (to < strokes.length) {
    bytes += bytesOf(strokes[to] ?? []);
    if (bytes > partBytes && to > from) break;
    to += 1;
  }
  return strokes.slice(from, to);
}

function bytesOf(stroke: Stroke): number {
  return stroke.reduce((sum, event) => sum + (event.down ? 1 : 2) + (event.code === "AltRight" ? 1 : 0), 0);
}

function send(events: readonly KeyEvent[], keyboard: Keyboard): void {
  for (const event of events) keyboard.key(event.code, event.down);
}

async function sendSlowly(events: readonly KeyEvent[], keyboard: Keyboard): Promise<void> {
  for (const event of events) {
    keyboard.key(event.code, event.down);
    await new Promise((resolve) => setTimeout(resolve, blindPace));
  }
}

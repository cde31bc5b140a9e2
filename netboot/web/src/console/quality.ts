// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Chooses quality and compression of the picture from measured throughput and round trip.

export type Level = "best" | "medium" | "low";
export type Wish = "auto" | Level;

/** noVNC's levels: JPEG quality (where the server uses JPEG) and zlib effort, each 0 to 9. */
export const settings: Readonly<Record<Level, { readonly quality: number; readonly compression: number }>> = {
  best: { quality: 9, compression: 2 },
  medium: { quality: 6, compression: 5 },
  low: { quality: 2, compression: 9 },
};

/** A frame of fewer bytes arrives at once, and says nothing of the line. */
const measuredBytes = 8192;
/** Weight of the latest frame. */
const weight = 0.3;
/** Frames in a row that must ask for a better level: a line that varies does not make the picture flicker. */
const patience = 5;

export class Quality {
  private bytesPerSecond = 0;
  private better = 0;
  private current: Level = "medium";

  get level(): Level {
    return this.current;
  }
  /** Megabits per second, or undefined before the first large frame. */
  get rate(): number | undefined {
    return this.bytesPerSecond === 0 ? undefined : (this.bytesPerSecond * 8) / 1e6;
  }

  /** Notes a frame. `roundTrip` is in milliseconds. Returns the level that fits the line now. */
  frame(bytes: number, milliseconds: number, roundTrip: number): Level {
    if (bytes < measuredBytes) return this.current;
    const rate = bytes / Math.max(milliseconds, 1) * 1000;
    this.bytesPerSecond = this.bytesPerSecond === 0 ? rate : (1 - weight) * this.bytesPerSecond + weight * rate;
    const fits = this.fits(Number.isFinite(roundTrip) ? roundTrip : 0);
    const order: readonly Level[] = ["low", "medium", "best"];
    if (order.indexOf(fits) < order.indexOf(this.current)) {
      this.current = fits;
      this.better = 0;
    } else if (fits !== this.current && ++this.better >= patience) {
      this.current = order[order.indexOf(this.current) + 1] ?? fits;
      this.better = 0;
    }
    return this.current;
  }

  private fits(roundTrip: number): Level {
    const rate = this.rate ?? 0;
    if (rate < 2 || roundTrip > 400) return "low";
    if (rate < 12 || roundTrip > 150) return "medium";
    return "best";
  }
}

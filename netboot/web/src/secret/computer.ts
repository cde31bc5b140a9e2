// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The page's end of the worker: one piece of work after the other.
import type { Outcome, Work } from "./worker";

export class Computer {
  private readonly worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  private last: Promise<unknown> = Promise.resolve();

  /** Resolves with the worker's outcome; a worker that does not start is a failure, too. */
  run(work: Work): Promise<Outcome> {
    const next = this.last.then(() => this.outcomeOf(work));
    this.last = next;
    return next;
  }
  /** Ends the worker, and with it its copy of key, code and text. */
  end(): void {
    this.worker.terminate();
  }

  private outcomeOf(work: Work): Promise<Outcome> {
    return new Promise((resolve) => {
      this.worker.onmessage = (event: MessageEvent<Outcome>) => resolve(event.data);
      this.worker.onerror = () => resolve({ failure: "other" });
      this.worker.postMessage(work);
    });
  }
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Hands the password to the console's page, in memory: a BroadcastChannel reaches pages of this origin only, and nothing is
// typed before it is confirmed there.

const patience = 120_000;
let waiting: { readonly channel: BroadcastChannel; readonly timer: number } | undefined;

/**
 * Offers `text` to every console that is open in this browser, and to the first that reports `{type: "ready"}` within two
 * minutes. Opens the console's page in a new tab if `path` names it.
 */
export function offerToConsole(text: string, path: string): void {
  end();
  const channel = new BroadcastChannel("rescue-console");
  const offer = () => channel.postMessage({ type: "type-text", text });
  channel.onmessage = (event: MessageEvent<unknown>) => {
    const message = event.data;
    if (typeof message !== "object" || message === null || !("type" in message) || message.type !== "ready") return;
    offer();
    end();
  };
  waiting = { channel, timer: window.setTimeout(end, patience) };
  offer();
  if (path !== "") window.open(path, "_blank", "noopener");
}

function end(): void {
  if (waiting === undefined) return;
  window.clearTimeout(waiting.timer);
  waiting.channel.close();
  waiting = undefined;
}

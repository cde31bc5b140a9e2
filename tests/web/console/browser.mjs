// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Chromium with the console's page on a relay of this process.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { Relay } from "./relay.mjs";

export const web = process.env.RESCUE_WEB ?? "";
export const chromiumPath = process.env.RESCUE_CHROMIUM ?? "/usr/bin/chromium";

export class Browser {
  static async start() {
    const made = new Browser();
    made.relay = new Relay(web);
    await made.relay.start();
    // Chromium's own sandbox does not run as root; the page is our own.
    made.chromium = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
    return made;
  }

  /** Opens a console in a new context. Errors of the page fail the test at close(). */
  async open({ vnc = {}, hello = {}, query = "", url, connected = true, ...options } = {}) {
    this.relay.vnc = vnc;
    this.relay.hello = {
      server: "web-01",
      role: "control",
      keyboard: "us",
      viewers: [{ label: "", role: "control", you: true }],
      ...hello,
    };
    const context = await this.chromium.newContext({ viewport: { width: 1000, height: 700 }, ...options });
    const page = await context.newPage();
    page.errors = [];
    page.on("pageerror", (error) => page.errors.push(String(error)));
    page.on("console", (message) => {
      if (/Content.Security.Policy|violates/i.test(message.text())) page.errors.push(message.text());
    });
    page.on("dialog", (dialog) => page.errors.push(`a script has shown ${dialog.message()}`));
    await page.goto(url ?? this.relay.url(undefined, query));
    if (connected) await state(page, "connected");
    return page;
  }

  async close(page) {
    assert.deepEqual(page.errors, []);
    await page.context().close();
  }

  async stop() {
    await this.chromium.close();
    this.relay.close();
  }

  get rfb() {
    return this.relay.latest.rfb;
  }
}

export const state = (page, wanted, timeout = 30_000) =>
  page.waitForSelector(`#console[data-state="${wanted}"]`, { timeout });

/** Waits until `condition` holds; polled, as what it looks at is in this process. */
export async function until(condition, what, timeout = 20_000) {
  const end = Date.now() + timeout;
  while (!condition()) {
    if (Date.now() > end) assert.fail(`timeout: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Puts a text into the dialog's field, as a paste does: Playwright's own fill() takes minutes for many lines. */
export const enter = (page, text) => page.locator("#type-field").evaluate((field, value) => (field.value = value), text);

/** Types a text by the dialog, and waits for its end. */
export async function typeText(page, text, { layout, family } = {}, timeout = 60_000) {
  await page.click("#type-text");
  if (layout !== undefined) await page.selectOption("#type-layout", layout);
  if (family !== undefined) await page.selectOption("#type-family", family);
  await enter(page, text);
  await page.click("#type-start");
  await page.waitForFunction(() => document.querySelector("#type-stop")?.hidden === true, undefined, { timeout, polling: 250 });
  const result = await page.textContent("#type-result");
  await page.click("#type-close");
  return result;
}

/** Key events as [scancode, down], without the Num Lock that asks the guest for an answer. */
export const textKeys = (keys) => keys.filter((key) => key.scancode !== 0x45).map((key) => [key.scancode, key.down]);

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Chromium with pages of one-time links.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

// Its own sandbox does not run as root; the page is our own.
const args = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
export const timeout = 45_000;

/** A Chromium with a new folder of its own for what it keeps. */
export const startChromium = () => chromium.launch({ executablePath: process.env.RESCUE_CHROMIUM ?? "/usr/bin/chromium", args });

/** Opens a page in a new context. What it loads from elsewhere, and errors of its scripts, fail the test in `close`. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 900, height: 900 }, ...options });
  context.setDefaultTimeout(timeout);
  const page = await context.newPage();
  page.faults = [];
  page.asked = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    if (/Content.Security.Policy|violates/i.test(message.text())) page.faults.push(message.text());
  });
  page.on("request", (request) => {
    const { pathname, origin } = new URL(request.url());
    page.asked.push(`${request.method()} ${pathname}`);
    if (origin !== new URL(url).origin && !request.url().startsWith("blob:")) page.faults.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

export async function close(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

export async function enter(page, code) {
  await page.fill("#code", code);
  await page.press("#code", "Enter");
}

export const reveals = (page) => page.asked.filter((request) => request.endsWith("/reveal"));

/** The state that netbootd's page has. */
export const state = (page) => page.getAttribute("#state", "data-state");

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Pictures of the pages for docs/images: `tests/web/check --screenshots docs/images secret`.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { close, enter, open, startChromium } from "./browser.mjs";
import { access, Netbootd } from "./netbootd.mjs";

const folder = process.env.RESCUE_SCREENSHOTS;
const skip = folder ? false : "no folder for screenshots was given";
const views = [
  ["light", { colorScheme: "light", viewport: { width: 900, height: 860 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 900, height: 860 } }],
  ["phone", { colorScheme: "light", viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true }],
];

let netbootd, browser;
before(async () => {
  if (skip) return;
  netbootd = await Netbootd.start();
  browser = await startChromium();
});
after(async () => {
  await browser?.close();
  await netbootd?.stop();
});

async function picture(page, name) {
  const path = join(folder, `secret-${name}.png`);
  // No taller than its content: the first screen of a long page.
  const { width, height } = page.viewportSize();
  const content = await page.evaluate(() => document.querySelector(".page-foot").getBoundingClientRect().bottom);
  await page.screenshot({ path, animations: "disabled", clip: { x: 0, y: 0, width, height: Math.min(height, Math.ceil(content)) } });
  assert.ok(statSync(path).size < 100_000, `${path} is too large for the documents`);
}

for (const [view, options] of views) {
  test(`pictures: ${view}`, { skip }, async () => {
    const secret = await netbootd.keep(access);
    const page = await open(browser, secret.url, options);
    await page.waitForSelector("#code");
    await picture(page, `waiting-${view}`);
    await enter(page, secret.code);
    await page.waitForSelector("#secret");
    await picture(page, `revealed-${view}`);
    const second = await open(browser, secret.url, options);
    await picture(second, `refused-${view}`);
    await close(second);
    await close(page);
  });
}

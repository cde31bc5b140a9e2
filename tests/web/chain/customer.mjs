// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// A customer with Chromium: does what standard input says, a line a step, and answers each with a line of JSON. Ends with 1
// and a report on standard error if a step fails.
//
//   reveal LINK CODE PICTURE   opens the link of the file LINK, enters the code of the file CODE; answers what is shown
//   again LINK                 opens the link once more; answers what the page says
//   console URL PICTURE        opens the console's URL of the file URL, and waits until its guest has drawn something
//   type TEXT                  types the text by the console's dialog; \n stands for Enter
//   hand-over PICTURE          "Type it into the console for me" on the link's page, confirmed there, with Enter
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { state, typeText } from "../console/browser.mjs";
import { close, enter, open, startChromium, state as linkState } from "../secret/browser.mjs";

const browser = await startChromium();
let link, screen;
const first = (file) => readFileSync(file, "utf8").split("\n")[0];

/** Values of the page by the names of their rows; of several with a name the first. */
const rows = (page) =>
  page.$$eval(".row", (all) => {
    const text = (row, part) => row.querySelector(part).textContent;
    return Object.fromEntries(all.reverse().map((row) => [text(row, ".name"), text(row, ".value")]));
  });

/** Waits until the console's canvas has pixels of more than one colour, as a login prompt has. */
const drawn = (page) =>
  page.waitForFunction(() => {
    const canvas = document.querySelector("#screen canvas");
    if (!canvas || canvas.width === 0) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    return pixels.some((pixel) => pixel !== pixels[0]);
  }, undefined, { polling: 500, timeout: 60_000 });

const steps = {
  async reveal(file, code, picture) {
    link = await open(browser, first(file));
    assert.equal(await linkState(link), "waiting");
    await link.waitForSelector("#code");
    await enter(link, first(code));
    await link.waitForSelector("#secret");
    await link.screenshot({ path: picture });
    const keys = await link.$$eval(".keys code", (all) => all.map((one) => one.textContent.split(" ")[1]));
    const shown = await rows(link);
    return {
      address: shown["Address"], user: shown["User name"], password: shown["Password"], ssh_host_key: keys[0],
      rdp_certificate: shown["SHA-256 of the certificate"],
    };
  },
  async again(file) {
    const page = await open(browser, first(file));
    const answer = {
      state: await linkState(page),
      at: await page.getAttribute("time", "datetime"),
      text: (await page.innerText("#state")).replace(/\s+/g, " ").trim(),
      asks: (await page.$("#code")) !== null,
    };
    await close(page);
    return answer;
  },
  async console(file, picture) {
    screen = await link.context().newPage();
    await screen.goto(first(file));
    await state(screen, "connected", 120_000);
    await drawn(screen);
    await screen.screenshot({ path: picture });
    return {};
  },
  async type(...words) {
    return { result: await typeText(screen, words.join(" ").replaceAll("\\n", "\n"), { family: "linux" }) };
  },
  async "hand-over"(picture) {
    await link.click("#type");
    await screen.waitForSelector("#type-dialog[open]");
    await screen.check("#type-enter");
    await screen.screenshot({ path: picture });
    await screen.click("#type-start");
    await screen.waitForFunction(() => document.querySelector("#type-stop")?.hidden === true, undefined, { timeout: 60_000 });
    const result = await screen.textContent("#type-result");
    await screen.click("#type-close");
    return { result };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [step, ...rest] = line.split(" ");
  process.stdout.write(`${JSON.stringify(await steps[step](...rest))}\n`);
}
await browser.close();

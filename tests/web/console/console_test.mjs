// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The console's page in Chromium, against an RFB server that records.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { Browser, enter, state, textKeys, typeText, until } from "./browser.mjs";
import { readKeys } from "./guest.mjs";

let browser;
before(async () => (browser = await Browser.start()));
after(() => browser.stop());

const script = '<img src=x onerror="alert(1)"><script>alert(2)</script>';

test("the pass leaves the address bar, and works once", async () => {
  const url = browser.relay.url();
  const page = await browser.open({ url });
  assert.equal(new URL(page.url()).hash, "");
  assert.equal(await page.evaluate(() => history.length), 2); // about:blank and this page
  assert.equal(await page.textContent("h1"), "web-01");
  await browser.close(page);

  const again = await browser.open({ url, connected: false });
  await state(again, "over");
  assert.match(await again.textContent("#cover"), /works once/);
  await browser.close(again);

  const none = await browser.open({ url: `${browser.relay.origin}/console/web-01`, connected: false });
  await state(none, "over");
  assert.match(await none.textContent("#cover"), /no pass/);
  await browser.close(none);
});

test("keys of the keyboard go as scancodes, and a chord leaves the screen with no key stuck", async () => {
  const page = await browser.open();
  await page.locator("#screen canvas").click();
  await page.keyboard.press("z");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+ArrowUp");
  await until(() => browser.rfb.keys.length === 8, "eight key events");
  assert.deepEqual(browser.rfb.keys.map((key) => key.scancode), [0x2c, 0x2c, 0xf, 0xf, 0x2a, 0xe048, 0xe048, 0x2a]);
  await page.keyboard.down("Control");
  await page.keyboard.down("Alt");
  await page.keyboard.down("Shift");
  await page.keyboard.press("KeyM");
  for (const key of ["Shift", "Alt", "Control"]) await page.keyboard.up(key);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "ctrl-alt-del");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.parentElement?.id), "keys-menu");
  await until(() => browser.rfb.keys.length === 14, "the release of the chord's keys");
  assert.equal(readPressed(browser.rfb.keys).size, 0);
  assert.ok(browser.rfb.pointers > 0);
  await browser.close(page);
});

function readPressed(keys) {
  const pressed = new Set();
  for (const { scancode, down } of keys) down ? pressed.add(scancode) : pressed.delete(scancode);
  return pressed;
}

test("Ctrl-Alt-Del and other combinations", async () => {
  const page = await browser.open();
  await page.click("#ctrl-alt-del");
  await page.click("#keys-menu summary");
  await page.click("#keys-menu button:text-is('Windows-R')");
  await until(() => browser.rfb.keys.length === 10, "ten key events");
  assert.deepEqual(browser.rfb.keys.map((key) => key.scancode),
    [0x1d, 0x38, 0xe053, 0xe053, 0x38, 0x1d, 0xe05b, 0x13, 0x13, 0xe05b]);
  assert.equal(await page.isVisible("#keys-menu .menu-items"), false);
  await browser.close(page);
});

for (const [layout, text] of [
  ["de", "Grüße: ^ ´ ` ~ @ € {[]}\\|µ² ÂÊâéàÉ\n"],
  ["fr", "Noël à Orléans: ê ï ÿ « ÀÉ » ~ ` ^ @ € #{[|\\]}\n"],
]) {
  test(`text with dead keys and AltGr arrives in a guest with layout ${layout}`, async () => {
    const page = await browser.open({ hello: { keyboard: layout } });
    assert.match(await typeText(page, text, { family: "linux" }), /All \d+ characters/);
    assert.equal(readKeys(textKeys(browser.rfb.keys), layout), text);
    await browser.close(page);
  });
}

test("characters without a key are named, and nothing is typed", async () => {
  const page = await browser.open({ hello: { keyboard: "us" } });
  const result = await typeText(page, "Passwort für 你\u{1f600}\u0007");
  assert.match(result, /no keys for: ü 你 😀 U\+0007\. Nothing was typed/);
  assert.deepEqual(browser.rfb.keys, []);
  await browser.close(page);
});

test("two thousand lines arrive whole, and typing can be stopped", async () => {
  const page = await browser.open();
  const text = Array.from({ length: 2000 }, (_, at) => `${at % 10}\n`).join("");
  // Each part waits for the guest: seconds on a free machine, minutes on a crowded one.
  assert.match(await typeText(page, text, {}, 240_000), new RegExp(`All ${text.length} characters`));
  assert.equal(readKeys(textKeys(browser.rfb.keys), "us"), text);

  const before = browser.rfb.keys.length;
  await page.click("#type-text");
  await enter(page, text);
  await page.click("#type-start");
  await until(() => browser.rfb.keys.length > before + 100, "some keys");
  await page.click("#type-stop");
  await page.waitForFunction(() => /Stopped after/.test(document.querySelector("#type-result").textContent));
  assert.equal(readPressed(browser.rfb.keys).size, 0);
  await browser.close(page);
});

test("a guest with a slow keyboard loses nothing, and Num Lock is as before", async () => {
  const page = await browser.open({ vnc: { readEvery: 8 } });
  const text = "Slow Guest: ~!@# (under TCG)\n";
  assert.match(await typeText(page, text), /All/);
  assert.equal(browser.rfb.lost, 0);
  await until(() => readPressed(browser.rfb.keys).size === 0, "the last key's release");
  assert.equal(readKeys(textKeys(browser.rfb.keys), "us"), text);
  await until(() => browser.rfb.keys.filter((key) => key.scancode === 0x45 && key.down).length % 2 === 0, "Num Lock");
  await browser.close(page);
});

test("the chosen layout is remembered for the server", async () => {
  const page = await browser.open({ hello: { keyboard: "de" } });
  await page.click("#type-text");
  assert.equal(await page.inputValue("#type-layout"), "de");
  await page.selectOption("#type-layout", "ch");
  browser.relay.hello.keyboard = "de";
  await page.goto(browser.relay.url());
  await state(page, "connected");
  await page.click("#type-text");
  assert.equal(await page.inputValue("#type-layout"), "ch");
  await browser.close(page);
});

test("a broken connection is resumed, also after a while and over a reload", async () => {
  const page = await browser.open();
  browser.relay.latest.break();
  await until(() => browser.relay.consoles.length > 0 && browser.relay.latest.rfb.encodings.length > 0, "a new handshake");
  await state(page, "connected");

  browser.relay.accepts = false;
  browser.relay.latest.break();
  await state(page, "broken");
  await page.waitForSelector(".last-picture");
  await page.waitForFunction(() => /Next attempt in \d s/.test(document.querySelector("#cover").textContent));
  browser.relay.accepts = true;
  await page.click("#retry");
  await state(page, "connected");
  assert.equal(await page.locator(".last-picture").count(), 0);

  await page.reload();
  await state(page, "connected");
  await browser.close(page);
});

test("a server that sends nonsense is left and resumed; a flood does not stop the page", async () => {
  const page = await browser.open();
  const first = browser.relay.latest;
  first.rfb.nonsense();
  await until(() => browser.relay.latest !== first, "a new connection");
  await state(page, "connected");

  browser.relay.latest.rfb.flood(48); // 48 MiB
  await page.click("#settings-menu summary");
  await page.waitForSelector("#quality");
  await state(page, "connected", 30_000);
  browser.relay.latest.raw("x".repeat(200_000));
  browser.relay.latest.raw("[1]");
  browser.relay.latest.raw('{"type":"unknown"}');
  browser.relay.latest.raw('{"type":"viewers","viewers":[null,1,{"label":7}]}');
  await page.waitForFunction(() => document.querySelector("#viewers").textContent === "1 viewer");
  await page.keyboard.press("Escape");
  await typeText(page, "still there");
  await until(() => readKeys(textKeys(browser.rfb.keys), "us") === "still there", "the text");
  await browser.close(page);
});

test("scripts in names, notices and reasons are shown as text", async () => {
  const page = await browser.open({
    hello: { server: script.slice(0, 64), viewers: [{ label: script.slice(0, 64), role: "view", you: false }] },
    vnc: { name: script },
  });
  assert.equal(await page.textContent("h1"), script.slice(0, 64));
  await page.click("#viewers");
  assert.match(await page.textContent(".viewers"), /^<img src=x/);
  browser.relay.latest.text({ type: "notice", text: script });
  await page.waitForFunction((text) => document.querySelector("#notice").textContent === text, script);
  browser.relay.latest.text({ type: "session", session_ends: script });
  browser.relay.latest.rfb.cutText(script);
  await page.click("#clipboard");
  await page.waitForFunction((text) => document.querySelector("#clip-from").value === text, script);
  browser.relay.latest.end(script);
  await state(page, "over");
  assert.equal(await page.locator("img, main script").count(), 0);
  await browser.close(page);
});

test("who watches and when the session ends are shown and kept current", async () => {
  const ends = new Date(Date.now() + 42.5 * 60_000).toISOString();
  const page = await browser.open({ hello: { session_ends: ends } });
  assert.match(await page.textContent("#ends"), /in 42 min/);
  browser.relay.latest.text({ type: "session", session_ends: new Date(Date.now() + 94.5 * 60_000).toISOString() });
  await page.waitForFunction(() => /in 1 h 34 min/.test(document.querySelector("#ends").textContent));
  browser.relay.latest.text({ type: "viewers", viewers: [{ label: "Anna", role: "control", you: true }, { label: "", role: "view" }] });
  await page.waitForFunction(() => document.querySelector("#viewers").textContent === "2 viewers");
  await page.click("#viewers");
  assert.deepEqual(await page.locator(".viewers li").allTextContents(), ["Anna - controls (you)", "no name - watches"]);
  browser.relay.latest.text({ type: "session", session_ends: new Date(Date.now() + 4.5 * 60_000).toISOString() });
  await page.waitForFunction(() => /in 4 min/.test(document.querySelector("#notice").textContent));
  await page.click("#settings-menu summary");
  await page.fill("#viewer-name", "Béa");
  await page.press("#viewer-name", "Tab");
  await until(() => browser.relay.latest.texts.length > 0, "the label");
  assert.deepEqual(browser.relay.latest.texts, [{ type: "label", text: "Béa" }]);
  await browser.close(page);
});

test("a viewer without control sends nothing", async () => {
  const page = await browser.open({ hello: { role: "view" } });
  assert.equal(await page.textContent("#role"), "View only");
  for (const tool of ["#ctrl-alt-del", "#type-text", "#clipboard", "#keys-menu", "#touch-keyboard"])
    assert.equal(await page.isVisible(tool), false);
  await page.locator("#screen canvas").click();
  await page.keyboard.type("rm");
  await page.evaluate(() => new BroadcastChannel("rescue-console").postMessage({ type: "type-text", text: "x" }));
  await page.click("#fit");
  await page.waitForFunction(() => document.querySelector("#fit").textContent === "Fit to window");
  assert.deepEqual(browser.rfb.keys, []);
  assert.equal(browser.rfb.pointers, 0);
  assert.equal(await page.locator("dialog[open]").count(), 0);
  await browser.close(page);
});

test("the page of a link may offer a text: shown as dots, typed after a click only", async () => {
  const page = await browser.open();
  assert.match(await page.title(), /web-01/);
  const other = await page.context().newPage();
  await other.goto(`${browser.relay.origin}/none`);
  await other.evaluate(() => {
    window.messages = [];
    new BroadcastChannel("rescue-console").onmessage = (event) => window.messages.push(event.data);
  });
  await page.goto(browser.relay.url());
  await state(page, "connected");
  await other.waitForFunction(() => window.messages.length > 0);
  assert.deepEqual(await other.evaluate(() => window.messages), [{ type: "ready" }]);
  const post = (data) => other.evaluate((message) => new BroadcastChannel("rescue-console").postMessage(message), data);
  await post({ type: "type-text", text: 7 });
  await post({ type: "type-text", text: "x".repeat(5000) });
  await post({ type: "type-text", text: "Secret-12" });
  await page.waitForSelector("#type-dialog[open]");
  assert.equal(await page.textContent("#type-title"), "Type text into web-01");
  assert.equal(await page.inputValue("#type-hidden"), "Secret-12");
  assert.equal(await page.isVisible("#type-field"), false);
  assert.deepEqual(browser.rfb.keys, []);
  await page.click("#type-start");
  await page.waitForFunction(() => /All 9/.test(document.querySelector("#type-result").textContent));
  assert.equal(readKeys(textKeys(browser.rfb.keys), "us"), "Secret-12");
  await page.click("#type-close");
  assert.equal(await page.inputValue("#type-hidden"), "");
  await browser.close(page);
});

test("the clipboard goes both ways, on a click only", async () => {
  const page = await browser.open({ permissions: ["clipboard-read", "clipboard-write"] });
  const own = () => page.evaluate(() => navigator.clipboard.readText());
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  browser.relay.latest.rfb.cutText("from the guest");
  await page.click("#clipboard");
  await page.waitForFunction(() => document.querySelector("#clip-from").value === "from the guest");
  assert.equal(await own(), "mine");
  await page.click("#clip-copy");
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "from the guest");
  await page.fill("#clip-to", "to the guest");
  assert.deepEqual(browser.rfb.cutTexts, []);
  await page.click("#clip-send");
  await until(() => browser.rfb.cutTexts.length === 1, "the text");
  assert.deepEqual(browser.rfb.cutTexts, ["to the guest"]);
  await browser.close(page);
});

test("a screenshot is a PNG of the guest's size", async () => {
  const page = await browser.open();
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#screenshot")]);
  assert.match(download.suggestedFilename(), /^web-01-\d{4}-.*\.png$/);
  const png = await readFile(await download.path());
  assert.equal(png.subarray(1, 4).toString(), "PNG");
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [640, 400]);
  await browser.close(page);
});

test("each end has its message, and nothing is resumed after it", async () => {
  const page = await browser.open();
  for (const [reason, message] of [
    ["session-ended", /session is over/],
    ["revoked", /withdrawn/],
    ["replaced", /opened elsewhere/],
    ["protocol", /no sense/],
    ["refused", /limits/],
  ]) {
    browser.relay.latest.end(reason);
    await state(page, "over");
    assert.match(await page.textContent("#cover"), message);
    await page.goto(browser.relay.url()); // the same page with another fragment
    await state(page, "connected");
  }
  browser.relay.latest.end("revoked");
  await state(page, "over");
  const count = browser.relay.consoles.length;
  await page.reload();
  await state(page, "over");
  assert.equal(browser.relay.consoles.length, count);
  await browser.close(page);
});

test("a console that can't be resumed within a minute is over", async () => {
  const page = await browser.open({ connected: false, url: `${browser.relay.origin}/none` });
  await page.clock.install();
  await page.goto(browser.relay.url());
  await state(page, "connected");
  browser.relay.accepts = false;
  browser.relay.latest.break();
  await state(page, "broken");
  for (let n = 0; n < 12 && (await page.getAttribute("#console", "data-state")) !== "over"; n += 1) {
    await page.clock.runFor(8_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  browser.relay.accepts = true;
  await state(page, "over");
  assert.match(await page.textContent("#cover"), /within a minute/);
  await browser.close(page);
});

test("a phone has a keyboard: letters by layout, special keys, modifiers that stay for one key", async () => {
  const page = await browser.open({ hello: { keyboard: "fr" }, viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
  await page.click("#touch-keyboard");
  await page.keyboard.insertText("aé");
  await page.keyboard.press("Backspace");
  await page.click(".touch-keys button:text-is('Ctrl')");
  await page.keyboard.insertText("c");
  await page.click(".touch-keys button:text-is('Esc')");
  await until(() => browser.rfb.keys.length === 12, "twelve key events");
  // a (KeyQ), é (Digit2), Backspace, Ctrl with c, Esc
  assert.deepEqual(browser.rfb.keys.map((key) => key.scancode), [0x10, 0x10, 3, 3, 0xe, 0xe, 0x1d, 0x2e, 0x2e, 0x1d, 1, 1]);
  await page.keyboard.insertText("你");
  await page.waitForFunction(() => /No key for: 你/.test(document.querySelector("#notice").textContent)
    || /你/.test(document.querySelector("#notice").textContent));
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await browser.close(page);
});

test("French and German: another language goes on with the console", async () => {
  const page = await browser.open({ query: "?lang=fr" });
  assert.equal(await page.textContent("#state"), "Connecté");
  await page.click(".languages a:text-is('Deutsch')");
  await page.waitForFunction(() => document.querySelector("#state")?.textContent === "Verbunden");
  await browser.close(page);
});

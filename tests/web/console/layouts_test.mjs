// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Keyboard layouts and typing, without a browser: tables against libxkbcommon, and the pace against a small queue.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readKeys, xkb } from "./guest.mjs";
import { compiled, source } from "./sources.mjs";

const tables = JSON.parse(readFileSync(`${source}/src/console/layouts/tables.json`, "utf8"));
const { layouts, layoutOf, plan } = await compiled("src/console/layouts/layout.ts");
const { type } = await compiled("src/console/typing.ts");
const scancodes = await compiled("node_modules/@novnc/novnc/core/input/xtscancodes.js");

const eventsOf = (strokes) => strokes.flat().map(({ code, down }) => [scancodes.default[code], down]);

test("the tables are those that the generator makes", () => {
  const generated = execFileSync(`${source}/layouts/generate`, { encoding: "utf8" });
  assert.deepEqual(JSON.parse(generated), tables);
});

for (const layout of layouts) {
  test(`every character of ${layout} is read right by a Linux guest`, () => {
    const text = `${Object.keys(tables.linux[layout]).join("")}\tline\nend`;
    const { strokes, missing } = plan(text, layout, "linux");
    assert.deepEqual(missing, []);
    assert.equal(readKeys(eventsOf(strokes), layout), text);
  });

  test(`${layout} of Windows types what Linux reads, but for dead keys and AltGr`, () => {
    const table = tables.windows[layout];
    const plain = Object.keys(table).filter((character) => !/\bS?G-/.test(table[character]));
    const spacing = ["´", "¨"]; // a dead key and a blank: Compose gives the ASCII characters ' and "
    const text = plain.filter((character) => !spacing.includes(character)).join("");
    assert.ok(text.length > 90);
    assert.equal(readKeys(eventsOf(plan(text, layout, "windows").strokes), layout), text);
  });
}

test("all of ASCII is typeable on every layout, but ~ and ` on Italian Windows", () => {
  const ascii = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");
  for (const layout of layouts) {
    assert.deepEqual(plan(ascii, layout, "linux").missing, []);
    assert.deepEqual(plan(ascii, layout, "windows").missing, layout === "it" ? ["`", "~"] : []);
  }
});

test("dead keys of Windows' AltGr level get a blank, those of Linux do not", () => {
  const codes = (text, layout, family) =>
    plan(text, layout, family).strokes.flat().filter((event) => event.down).map((event) => event.code).join(" ");
  assert.equal(codes("~", "fr", "windows"), "AltRight Digit2 Space");
  assert.equal(codes("`", "fr", "windows"), "AltRight Digit7 Space");
  assert.equal(codes("`", "fr", "linux"), "AltRight Digit7");
  assert.equal(codes("^", "fr", "windows"), "AltRight Digit9");
  assert.equal(codes("^", "de", "windows"), "Backquote Space");
  assert.equal(codes("~", "de", "windows"), "AltRight BracketRight");
  assert.equal(codes("~", "es", "windows"), "AltRight Digit4 Space");
  assert.equal(codes("€", "gb", "windows"), "AltRight Digit4");
});

test("what a layout has no keys for is named once, and line ends and accents are normalised", () => {
  const { strokes, missing } = plan("a\r\nb\rc\u4f60\u597d\u4f60 e\u0301", "de", "windows");
  assert.deepEqual(missing, ["你", "好"]);
  assert.equal(strokes.length, 7);
  assert.deepEqual(plan("__proto__constructor", "us", "windows").missing, []);
});

test("a requested keyboard names a layout", () => {
  const wanted = { us: "us", "en-us": "us", en: "us", "en-gb": "gb", uk: "gb", de: "de", "de-de": "de", "de-at": "de",
    "de-ch": "ch", ch: "ch", "fr-ch": "ch-fr", fr: "fr", "fr-be": "be", "nl-be": "be", be: "be", es: "es", it: "it" };
  for (const [keyboard, layout] of Object.entries(wanted)) assert.equal(layoutOf(keyboard), layout);
  for (const keyboard of ["", "ru", "jp", "constructor"]) assert.equal(layoutOf(keyboard), undefined);
  assert.deepEqual(Object.keys(xkb), [...layouts]);
});

/** A guest that takes one event in `readEvery` turns of the clock, and answers Num Lock if `leds`. */
class SlowGuest {
  queue = [];
  bytes = 0;
  lost = 0;
  read = [];
  waiting = [];
  numLocks = 0;
  stallAt = -1;
  stalledUntil = 0;
  constructor(readEvery, leds) {
    this.leds = leds;
    this.timer = setInterval(() => this.take(), readEvery);
  }
  key(code, down) {
    const bytes = (down ? 1 : 2) + (code === "AltRight" ? 1 : 0);
    if (this.bytes + bytes > 16) this.lost += code === "NumLock" ? 0 : 1;
    else this.queue.push({ code, down, bytes }), (this.bytes += bytes);
  }
  take() {
    if (Date.now() < this.stalledUntil) return;
    const event = this.queue.shift();
    if (event === undefined) return;
    this.bytes -= event.bytes;
    if (event.code !== "NumLock") this.read.push(event);
    if (this.read.length === this.stallAt) this.stalledUntil = Date.now() + 3000;
    if (event.code === "NumLock") this.numLocks += event.down ? 1 : 0;
    if (event.code === "NumLock" && event.down && this.leds) for (const resolve of this.waiting.splice(0)) resolve(true);
  }
  ledsChange(milliseconds) {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      setTimeout(() => resolve(false), milliseconds).unref();
    });
  }
}

test("a guest that is slow, and stands still for a while, loses no key", async () => {
  const guest = new SlowGuest(5, true);
  guest.stallAt = 57;
  // É is the longest of all: AltGr for the dead key, Shift for the letter.
  const { strokes } = plan(`${"É".repeat(20)} Grüße, São €5 ~ naïve\n`, "fr", "linux");
  const seen = [];
  const outcome = await type(strokes, guest, new AbortController().signal, (progress) => seen.push(progress));
  while (guest.queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(guest.timer);
  assert.equal(outcome, "done");
  assert.equal(guest.lost, 0);
  assert.deepEqual(guest.read.map(({ code, down }) => ({ code, down })), strokes.flat());
  assert.ok(seen.every((progress) => progress.acknowledged));
  assert.equal(seen.at(-1).typed, strokes.length);
  assert.equal(guest.numLocks % 2, 0);
});

test("a guest without LEDs is typed to slowly", async () => {
  const guest = new SlowGuest(20, false);
  const { strokes } = plan("Firmware ~/", "us", "windows");
  const outcome = await type(strokes, guest, new AbortController().signal, () => {});
  while (guest.queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(guest.timer);
  assert.equal(outcome, "done");
  assert.equal(guest.lost, 0);
  assert.deepEqual(guest.read.map(({ code, down }) => ({ code, down })), strokes.flat());
});

test("typing stops at once, between two characters", async () => {
  const guest = new SlowGuest(5, true);
  const abort = new AbortController();
  const { strokes } = plan("A".repeat(500), "us", "windows");
  const outcome = await type(strokes, guest, abort.signal, ({ typed }) => typed > 20 && abort.abort());
  while (guest.queue.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(guest.timer);
  assert.equal(outcome, "cancelled");
  assert.ok(guest.read.length < 200);
  assert.equal(readKeys(guest.read.map(({ code, down }) => [scancodes.default[code], down]), "us"), "A".repeat(guest.read.length / 4));
});

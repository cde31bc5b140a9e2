// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Pages of one-time links in Chromium, on a real netbootd.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { close, enter, open, reveals, startChromium, state } from "./browser.mjs";
import { access, Netbootd } from "./netbootd.mjs";

let netbootd, browser;
before(async () => {
  netbootd = await Netbootd.start();
  browser = await startChromium();
});
after(async () => {
  await browser?.close();
  await netbootd?.stop();
});

const wrong = (code) => (code.startsWith("0000") ? "1111-1111" : "0000-0000");
const text = (page, selector) => page.textContent(selector);

test("a customer reveals once; the second visit says when it was", async () => {
  const secret = await netbootd.keep(access);
  const page = await open(browser, secret.url);
  assert.equal(new URL(page.url()).hash, "", "the key is not in the address bar");
  assert.equal(await page.evaluate(() => history.length), 2, "nor in the history, which begins with an empty page");
  assert.equal(await state(page), "waiting");
  await page.waitForSelector("#code");
  await enter(page, "12");
  assert.match(await text(page, "#fault"), /8 letters and digits/);
  assert.equal(await page.getAttribute("#code", "aria-invalid"), "true");
  await enter(page, wrong(secret.code));
  await page.waitForFunction(() => document.querySelector("#fault")?.textContent.includes("4 more times"));
  assert.equal(await page.evaluate(() => document.activeElement?.id), "code", "the focus is where one types again");
  assert.deepEqual(reveals(page).length, 1, "a code of another form is not sent");

  // As people type it: small letters, blanks, look-alikes.
  const typed = secret.code.toLowerCase().replace("-", "  ").replaceAll("0", "o").replaceAll("1", "l");
  await enter(page, typed);
  await page.waitForSelector("#secret");
  assert.equal(await text(page, "#password"), access.password);
  assert.equal(await text(page, "h1"), "Access to web-01");
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1", "screen readers begin there");
  const shown = await text(page, "main");
  for (const part of [
    access.user, "203.0.113.7", "2001:db8::7", access.rdp.certificate, access.ssh.command, access.ssh.known_hosts.trim(),
    access.ssh.host_keys[0].fingerprint, "capital bravo, x-ray, kilo, seven", "This is shown once.",
  ]) {
    assert.ok(shown.includes(part), part);
  }
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, "the key is forgotten");

  const { revealed_at } = await netbootd.state(secret);
  const second = await open(browser, secret.url);
  assert.equal(await state(second), "revealed");
  assert.equal(await second.getAttribute("time", "datetime"), revealed_at);
  assert.equal(await second.$("#code"), null);
  assert.ok(!(await text(second, "body")).includes("127.0.0.1"), "not who has revealed it");
  await close(second);
  await close(page);
});

test("its buttons copy, hide, save connection files, and hand over to the console", async () => {
  const secret = await netbootd.keep(access, { code: false });
  const page = await open(browser, secret.url, { permissions: ["clipboard-read", "clipboard-write"], acceptDownloads: true });
  await page.click("button[type=submit]");
  await page.waitForSelector("#password");
  await page.click('[aria-label="Copy: Password"]');
  await page.waitForFunction(() => document.querySelector(".said")?.textContent === "Copied.");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), access.password);

  await page.click("#toggle");
  assert.ok(!(await text(page, "#secret")).includes(access.password) || !(await page.isVisible("#spelled")));
  assert.ok(!(await text(page, "#password")).includes(access.password));
  await page.click("#toggle");
  assert.equal(await text(page, "#password"), access.password);

  const folder = mkdtempSync(join(tmpdir(), "rescue-rdp-"));
  const waiting = page.waitForEvent("download");
  await page.click("text=Save the file for 2001:db8::7");
  const download = await waiting;
  assert.equal(download.suggestedFilename(), "web-01.rdp");
  await download.saveAs(join(folder, "rdp"));
  const file = readFileSync(join(folder, "rdp"), "utf8");
  rmSync(folder, { recursive: true });
  assert.ok(file.startsWith("full address:s:[2001:db8::7]:3389\r\nusername:s:Administrator\r\n"), file);
  assert.ok(!file.includes(access.password));

  // A page of the same origin, as the console's is.
  const console = await page.context().newPage();
  await console.goto(`${netbootd.origin}/s/unknown`);
  await console.evaluate(() => {
    window.heard = new Promise((resolve) => (new BroadcastChannel("rescue-console").onmessage = (event) => resolve(event.data)));
  });
  await page.click("#type");
  assert.deepEqual(await console.evaluate(() => window.heard), { type: "type-text", text: access.password });

  // Once it is kept, nobody sees it by the browser's "back".
  await page.click("text=I have kept it");
  assert.match(await text(page, "#once"), /You can close this page/);
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
  assert.ok(!(await page.content()).includes(access.password));
  await close(page);
});

test("a robot that presses every button and follows every link reveals nothing", async () => {
  const secret = await netbootd.keep(access);
  const page = await open(browser, secret.url);
  await page.waitForSelector("#code");
  const links = await page.$$eval("a", (all) => all.map((link) => link.href));
  assert.ok(links.length >= 3);
  for (const link of [secret.url, ...links]) {
    await page.goto(link);
    await page.waitForSelector("#code");
    for (const fill of ["", "test", "7K3M-Q9X", "robot@example.com"]) {
      await page.fill("#code", fill);
      for (const button of await page.$$("button, input[type=submit], summary, [role=button]")) await button.click();
    }
  }
  const seen = await netbootd.state(secret);
  assert.equal(seen.state, "waiting");
  assert.equal(seen.wrong_codes, 0);
  assert.deepEqual(reveals(page), []);
  // A robot without JavaScript sends what it finds.
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    assert.ok((await fetch(`${netbootd.origin}/s/${secret.name}`, { method })).status >= 400);
  }
  const sent = await fetch(`${netbootd.origin}/v1/links/${secret.name}/reveal`, { method: "POST", body: "code=1" });
  assert.equal(sent.status, 400);
  assert.equal((await netbootd.state(secret)).state, "waiting");
  await close(page);
});

const attack = `<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>"'><svg onload=window.attacked=1>\u202e{{7*7}}`;
const hostile = () => {
  const replaced = (value) =>
    typeof value === "string" ? attack : Array.isArray(value) ? value.map(replaced)
    : typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one)]))
    : value;
  return { ...replaced(access), addresses: [attack, "203.0.113.7"], console: "javascript:window.attacked=1" };
};

for (const [what, content] of [["every member of JSON", hostile()], ["plain text", attack], ["JSON of another form", { format: 1, password: [attack] }]]) {
  test(`scripts in ${what} do not run`, async () => {
    const secret = await netbootd.keep(content, { code: false });
    const page = await open(browser, secret.url);
    await page.click("button[type=submit]");
    await page.waitForSelector("#password");
    assert.ok((await text(page, "main")).includes("<script>"), "it is shown as text");
    for (const button of await page.$$("main button")) {
      if (await button.isVisible()) await button.click();
    }
    assert.equal(await page.evaluate(() => window.attacked), undefined);
    assert.equal(await page.$("main img, main svg, main script"), null);
    await close(page);
  });
}

test("scripts in the address do not run, nor in parameters", async () => {
  for (const place of [`/s/${encodeURIComponent(attack.replaceAll("/", ""))}`, `/s/AAECAwQFBgcICQoLDA0ODw?lang=${encodeURIComponent(attack)}`, `/s/x?lang=de#${attack}`]) {
    const page = await open(browser, netbootd.origin + place);
    assert.equal(await state(page), "unknown");
    assert.equal(await page.evaluate(() => window.attacked), undefined);
    assert.ok(!(await page.content()).includes("onerror"));
    await close(page);
  }
});

test("a reload keeps the key, and another tab does not have it", async () => {
  const secret = await netbootd.keep("plain text of a panel");
  const page = await open(browser, secret.url);
  await page.waitForSelector("#code");
  await page.reload();
  await page.waitForSelector("#code");
  await page.click("text=Deutsch");
  await page.waitForSelector("html[lang=de] #code");
  const other = await page.context().newPage();
  await other.goto(`${netbootd.origin}/s/${secret.name}`);
  await other.waitForSelector("[role=alert]");
  assert.match(await text(other, "[role=alert]"), /not complete/);
  assert.equal(await other.$("#code"), null);
  await other.goto(secret.url.slice(0, -1));
  await other.waitForSelector("[role=alert]");
  await enter(page, secret.code);
  await page.waitForSelector("#password");
  assert.equal(await text(page, "#password"), "plain text of a panel");
  await close(page);
});

test("the key of another link counts no code as wrong", async () => {
  const secret = await netbootd.keep(access);
  const page = await open(browser, secret.url.slice(0, -2) + (secret.url.at(-2) === "A" ? "B" : "A") + secret.url.at(-1));
  await page.waitForSelector("#code");
  await enter(page, secret.code);
  await page.waitForFunction(() => document.querySelector("#link [role=alert]")?.textContent.includes("not the one that was sent"));
  assert.equal((await netbootd.state(secret)).wrong_codes, 0);
  await close(page);
});

test("five wrong codes lock it, and the page says so", async () => {
  const secret = await netbootd.keep(access);
  for (let left = 4; left >= 1; --left) {
    const answer = await wrongProof(secret);
    assert.equal((await answer.json()).tries_left, left);
  }
  const page = await open(browser, secret.url);
  await page.waitForSelector("#code");
  await enter(page, wrong(secret.code));
  await page.waitForSelector('#state[data-state="locked"]');
  assert.match(await text(page, "main"), /locked/);
  await close(page);
});

/** A wrong proof of the code with the right one of the link, which a browser with the page makes. */
async function wrongProof(secret) {
  const page = await open(browser, secret.url);
  const asked = page.waitForRequest((request) => request.url().endsWith("/reveal"));
  await page.waitForSelector("#code");
  await page.route("**/reveal", (route) => route.abort());
  await enter(page, wrong(secret.code));
  const body = (await asked).postData();
  await page.context().close();
  return fetch(`${netbootd.origin}/v1/links/${secret.name}/reveal`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body,
  });
}

test("a browser that closes before the answer leaves a page that says what happened", async () => {
  const before = await netbootd.keep(access);
  let page = await open(browser, before.url);
  await page.waitForSelector("#code");
  await enter(page, before.code); // computes the proof
  await page.context().close();
  assert.equal((await netbootd.state(before)).state, "waiting", "nothing was sent yet");

  const secret = await netbootd.keep(access);
  page = await open(browser, secret.url);
  await page.waitForSelector("#code");
  const answered = page.waitForResponse((response) => response.url().endsWith("/reveal"));
  await enter(page, secret.code);
  await answered; // decrypts now
  await page.context().close();
  assert.equal((await netbootd.state(secret)).state, "revealed");
  page = await open(browser, secret.url);
  assert.equal(await state(page), "revealed");
  assert.match(await text(page, "main"), /Ask your provider for a new link/);
  await close(page);
});

test("without an answer the page finds out whether it was used up", async () => {
  const secret = await netbootd.keep(access);
  const page = await open(browser, secret.url);
  await page.waitForSelector("#code");
  await page.route("**/reveal", (route) => route.abort());
  await enter(page, secret.code);
  await page.waitForFunction(() => document.querySelector("#fault")?.textContent.includes("Nothing has been used up"));
  await page.unroute("**/reveal");
  await page.route("**/reveal", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.click("button[type=submit]");
  await page.waitForFunction(() => document.querySelector("#link [role=alert]")?.textContent.includes("did not arrive"));
  await close(page);
});

test("without JavaScript the page says what there is and what to do", async () => {
  const secret = await netbootd.keep(access);
  const page = await open(browser, secret.url, { javaScriptEnabled: false });
  const shown = await page.innerText("main");
  assert.match(shown, /code of 8 letters and digits/);
  assert.match(shown, /\d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  assert.match(shown, /netbootctl secret open/);
  await page.click("text=Français");
  assert.equal(await page.getAttribute("html", "lang"), "fr");
  assert.match(await page.innerText("main"), /JavaScript est désactivé/);
  await page.context().close();
});

for (const [locale, show, wrongText] of [["fr-FR", "Afficher le mot de passe", "Il reste 4 essais"], ["de-DE", "Passwort anzeigen", "Es sind noch 4 Versuche"]]) {
  test(`the page speaks ${locale}`, async () => {
    const secret = await netbootd.keep(access);
    const page = await open(browser, secret.url, { locale });
    assert.equal(await page.getAttribute("html", "lang"), locale.slice(0, 2));
    await page.waitForSelector("#code");
    assert.equal(await text(page, "button[type=submit]"), show);
    await enter(page, wrong(secret.code));
    await page.waitForFunction((wanted) => document.querySelector("#fault")?.textContent.includes(wanted), wrongText);
    await close(page);
  });
}

test("an expired or revoked link says so", async () => {
  const secret = await netbootd.keep(access);
  assert.equal((await netbootd.api("DELETE", `/v1/secrets/${secret.id}`)).status, 204);
  const page = await open(browser, secret.url);
  assert.equal(await state(page), "revoked");
  assert.match(await text(page, "main"), /Ask your provider for a new link/);
  await close(page);
});

test("the password is in no log of netbootd, nor key or code", async () => {
  const secret = await netbootd.keep(access);
  const page = await open(browser, secret.url);
  await page.waitForSelector("#code");
  await enter(page, secret.code);
  await page.waitForSelector("#password");
  await close(page);
  const log = netbootd.log();
  assert.ok(log.includes(`secret ${secret.id}`));
  for (const hidden of [access.password, secret.key, secret.code]) assert.ok(!log.includes(hidden));
});

test("a netbootd without its pages starts, and the page says what to do", async () => {
  const bare = await Netbootd.start("/nowhere");
  try {
    const secret = await bare.keep(access);
    const page = await open(browser, secret.url);
    assert.match(await page.innerText("main"), /incomplete on the server[^]*netbootctl secret open/);
    await close(page);
    assert.match(bare.log(), /set web.folder/);
  } finally {
    await bare.stop();
  }
});

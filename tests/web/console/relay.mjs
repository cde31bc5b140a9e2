// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// netbootd's side of a console (docs/console.md) for tests of the page alone: passes, texts, and a VNC server behind it.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { RfbServer } from "./rfb_server.mjs";

const types = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml" };
/** The policy that netbootd sends with this page. */
export const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; " +
  "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Script and styles of a page, with the styles of the chunks that it shares with others. */
function filesOf(manifest, entry) {
  const chunk = manifest[entry];
  const shared = (chunk.imports ?? []).flatMap((name) => filesOf(manifest, name).styles);
  return { script: chunk.file, styles: [...shared, ...(chunk.css ?? [])] };
}

const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export class Relay {
  /** What the next connections get: the hello's members, and `vnc`: RfbServer's options, or {port} or {path} of a real one. */
  hello = { server: "web-01", role: "control", keyboard: "us", viewers: [{ label: "", role: "control", you: true }] };
  vnc = {};
  consoles = [];
  accepts = true;
  #passes = new Set();
  #tokens = new Set();
  #web;
  #server;

  constructor(web) {
    this.#web = web;
  }

  async start() {
    const files = filesOf(JSON.parse(await readFile(join(this.#web, "manifest.json"), "utf8")), "src/console/main.ts");
    this.#server = createServer((request, response) => void this.#serve(request, response, files));
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "rescue-console" });
    this.#server.on("upgrade", (request, socket, head) => {
      const [protocol, secret] = (request.headers["sec-websocket-protocol"] ?? "").split(/, */);
      const [kind, value] = (secret ?? "").split(".");
      const known = kind === "pass" ? this.#passes : this.#tokens;
      if (!this.accepts || request.url !== "/v1/console" || protocol !== "rescue-console" || !known.delete(value)) {
        socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, head, (browser) => this.#opened(browser));
    });
    await new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** URL of a console with a new pass. */
  url(server = this.hello.server, query = "") {
    const pass = randomBytes(32).toString("base64url");
    this.#passes.add(pass);
    return `${this.origin}/console/${encodeURIComponent(server)}${query}#${pass}`;
  }

  get latest() {
    return this.consoles.at(-1);
  }

  close() {
    for (const console of this.consoles) console.break();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request, response, { script, styles }) {
    const url = new URL(request.url, this.origin);
    response.setHeader("Content-Security-Policy", policy);
    if (url.pathname.startsWith("/console/")) {
      const name = escaped(decodeURIComponent(url.pathname.slice("/console/".length)));
      const language = url.searchParams.get("lang") ?? "en";
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      const links = styles.map((file) => `<link rel="stylesheet" href="/web/${file}">`).join("");
      response.end(
        `<!doctype html>\n<html translate="no" lang="${language}"><head><meta charset="utf-8">` +
          `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` +
          `${links}<script type="module" src="/web/${script}"></script></head><body class="wide">` +
          `<header class="page-head"><span class="brand">Rescue</span><nav class="languages"><a href="?lang=en">English</a>` +
          `<a href="?lang=fr">Français</a><a href="?lang=de">Deutsch</a></nav></header>` +
          `<main><div id="console" data-server="${name}"></div></main></body></html>\n`,
      );
    } else if (/^\/web\/[\w.-]+$/.test(url.pathname)) {
      const name = url.pathname.slice("/web/".length);
      response.setHeader("Content-Type", types[name.split(".").at(-1)] ?? "application/octet-stream");
      response.end(await readFile(join(this.#web, name)).catch(() => ""));
    } else {
      response.statusCode = url.pathname === "/v1/console" ? 426 : 404;
      response.end("none\n");
    }
  }

  #opened(browser) {
    const token = randomBytes(16).toString("base64url");
    this.#tokens.add(token);
    browser.send(JSON.stringify({ type: "hello", resume: token, viewer: "v-1", ...this.hello }));
    this.consoles.push(new ServedConsole(browser, this.vnc));
  }
}

class ServedConsole {
  texts = [];
  #browser;
  #end;

  constructor(browser, vnc) {
    this.#browser = browser;
    browser.on("message", (data, isBinary) => {
      if (isBinary) this.#receive(data);
      else this.texts.push(JSON.parse(data.toString()));
    });
    if ("port" in vnc || "path" in vnc) {
      const socket = connect(vnc);
      socket.on("data", (data) => browser.send(data));
      socket.on("error", () => browser.close(1012));
      socket.on("close", () => browser.close(1012));
      this.#receive = (data) => socket.write(data);
      this.#end = () => socket.destroy();
    } else {
      this.rfb = new RfbServer((data) => browser.readyState === 1 && browser.send(data), vnc);
      this.#receive = (data) => this.rfb.receive(data);
      this.#end = () => this.rfb.close();
    }
    browser.on("close", () => this.#end());
    browser.on("error", () => {});
  }

  #receive;

  text(message) {
    this.#browser.send(JSON.stringify(message));
  }

  raw(text) {
    this.#browser.send(text);
  }

  end(reason) {
    this.text({ type: "ending", reason });
    this.#browser.close(1000);
  }

  /** Ends the connection as a failing network does. */
  break() {
    this.#browser.terminate();
  }
}

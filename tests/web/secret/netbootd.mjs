// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// A real netbootd on SQLite and loopback, and secrets that a maker has sealed for it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const bin = (name) => join(process.env.RESCUE_BUILD, "bin", name);

export class Netbootd {
  /** `web`: the folder with the pages. */
  static async start(web = process.env.RESCUE_WEB) {
    const made = new Netbootd();
    made.folder = mkdtempSync(join(tmpdir(), "rescue-pages-"));
    const config = made.file("netbootd.yaml");
    const text = [
      `listen: {address: 127.0.0.1, port: 0}`,
      `database: {path: '${made.file("db.sqlite")}'}`,
      `secrets: {key_file: '${made.file("secrets.key")}'}`,
      `web: {folder: '${web}'}`,
      `boot: {rescue-windows: {base_url: 'http://192.0.2.10/rescue'}}`,
      `log: {level: debug}`,
    ];
    writeFileSync(config, text.join("\n") + "\n");
    execFileSync(bin("netbootd"), ["--config", config, "--init-admin-token", made.file("admin.token")], { stdio: "pipe" });
    const log = made.file("log");
    made.process = spawn("sh", ["-c", 'exec "$0" --config "$1" --port-file "$2" 2>"$3"', bin("netbootd"), config, made.file("port"), log]);
    made.ended = new Promise((resolve) => made.process.once("exit", resolve));
    made.origin = `http://127.0.0.1:${await made.port()}`;
    const answer = await made.api("POST", "/v1/servers", { name: "web-01", macs: ["525400123456"] });
    assert.equal(answer.status, 201);
    return made;
  }

  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
    rmSync(this.folder, { recursive: true });
  }

  file(name) {
    return join(this.folder, name);
  }
  log() {
    return readFileSync(this.file("log"), "utf8");
  }

  async api(method, path, body) {
    const token = readFileSync(this.file("admin.token"), "utf8").trim();
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    return fetch(this.origin + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  /** Keeps a text behind a new link: {id, name, key, code, url}. */
  async keep(text, { code = true, ttl = "1h" } = {}) {
    const input = typeof text === "string" ? text : JSON.stringify(text);
    const sealed = JSON.parse(execFileSync(bin("seal_secret"), code ? [] : ["--no-code"], { input }));
    const answer = await this.api("POST", "/v1/servers/web-01/secrets", { ...sealed.body, ttl });
    assert.equal(answer.status, 201, await answer.clone().text());
    const { id } = await answer.json();
    const name = sealed.body.link;
    return { id, name, key: sealed.key, code: sealed.code, url: `${this.origin}/s/${name}#${sealed.key}` };
  }
  async state(secret) {
    return (await this.api("GET", `/v1/secrets/${secret.id}`)).json();
  }

  /** Waits for the file that netbootd writes when it listens; fails when netbootd has ended. */
  async port() {
    const late = AbortSignal.timeout(20_000);
    const ended = this.ended.then(() => assert.fail(`netbootd has ended: ${this.log()}`));
    for (;;) {
      try {
        const port = Number(readFileSync(this.file("port"), "utf8"));
        if (port > 0) return port;
      } catch (error) {
        if (error.code !== "ENOENT") throw error;
      }
      await Promise.race([pause(50, undefined, { signal: late }), ended]);
    }
  }
}

/** What rescued seals (docs/host-agent.md). */
export const access = {
  format: 1,
  server: "web-01",
  session: "s-4",
  made_at: "2026-11-30T07:00:00.000Z",
  user: "Administrator",
  password: "Bxk7-tq4M-wz9P-hd2R",
  addresses: ["203.0.113.7", "2001:db8::7"],
  ssh: {
    port: 22,
    command: "ssh Administrator@203.0.113.7",
    host_keys: [
      {
        type: "ssh-ed25519",
        blob: "AAAAC3NzaC1lZDI1NTE5AAAAIJ1vYjN2c3R6bGs5d2Z0cW1hNHJ4N2hkMnA4Z24x",
        fingerprint: "SHA256:Vd0bSgPnR5sQ0Rk0xG0n0cVQ2wq8L7g1m3Yc5b6D9eE",
      },
    ],
    known_hosts: "203.0.113.7 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1vYjN2c3R6bGs5d2Z0cW1hNHJ4N2hkMnA4Z24x\n",
  },
  rdp: {
    port: 3389,
    certificate:
      "3a:41:0c:9e:57:d2:88:1b:6f:e0:94:23:7c:b5:0d:aa:41:63:f8:19:2e:c7:50:8d:b4:06:9f:71:e3:2a:cc:58",
    proof: "authenticated",
  },
};

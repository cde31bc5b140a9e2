// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The console's page with a real QEMU: iPXE's shell fetches a URL whose text was typed on the page.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Browser, state, typeText, until } from "./browser.mjs";

const ipxe = "/usr/lib/ipxe/ipxe.lkrn";
const missing = existsSync(ipxe) ? false : "ipxe is not installed";

test("text typed on the page arrives in a guest of QEMU", { skip: missing }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "rescue-console-"));
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = join(folder, "vnc.sock");
  // The host of QEMU's own network is this machine's loopback. iPXE opens its shell when it is told that there is no /ready.
  const url = (path) => `http://10.0.2.2:${server.address().port}${path}`;
  const qemu = spawn("qemu-system-x86_64", [
    ...["-accel", "tcg", "-m", "96", "-nodefaults", "-vga", "std", "-display", "none", "-vnc", `unix:${socket}`],
    ...["-kernel", ipxe, "-append", `dhcp && imgfetch ${url("/ready")} || shell`],
    ...["-nic", "user,model=virtio-net-pci,ipv6=off"],
  ], { stdio: ["ignore", "ignore", "inherit"] });
  const browser = await Browser.start();
  try {
    await until(() => existsSync(socket), "QEMU's VNC socket");
    const page = await browser.open({ vnc: { path: socket } });
    await until(() => asked.includes("/ready"), "the guest's network", 120_000);
    // The BIOS confirms keys that iPXE has not read yet: what was typed while it is busy may be lost, and is typed again.
    const text = "/Typed~By_Browser-42";
    for (let n = 0; n < 10 && !asked.includes(text); n += 1) {
      await typeText(page, `\nimgfetch ${url(text)}\n`);
      await until(() => asked.includes(text), "", 5_000).catch(() => {});
    }
    assert.ok(asked.includes(text), `the guest has asked for ${asked}`);

    // The VM stops, and the page says so.
    qemu.kill();
    await state(page, "broken");
    await browser.close(page);
  } finally {
    qemu.kill("SIGKILL");
    server.close();
    await browser.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

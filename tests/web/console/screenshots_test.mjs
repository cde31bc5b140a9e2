// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Pictures of the console for the documents, with iPXE in a real QEMU as the guest.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Browser, enter, until } from "./browser.mjs";

const pictures = process.env.RESCUE_SCREENSHOTS ?? "";
const iso = "/usr/lib/ipxe/ipxe.iso";
const skip = pictures === "" ? "--screenshots names a folder" : existsSync(iso) ? false : "ipxe is not installed";

test("pictures for docs/images", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "rescue-console-"));
  const socket = join(folder, "vnc.sock");
  const machine = ["-accel", "tcg", "-m", "96", "-nodefaults", "-vga", "std", "-display", "none", "-vnc", `unix:${socket}`];
  const qemu = spawn("qemu-system-x86_64", [...machine, "-cdrom", iso, "-boot", "d", "-nic", "user,model=virtio-net-pci"],
    { stdio: ["ignore", "ignore", "inherit"] });
  const browser = await Browser.start();
  try {
    await until(() => existsSync(socket), "QEMU's VNC socket");
    const console = {
      vnc: { path: socket },
      hello: {
        keyboard: "de",
        session_ends: new Date(Date.now() + 94.5 * 60_000).toISOString(),
        viewers: [{ label: "Anna Weber", role: "control", you: true }, { label: "Helpdesk", role: "view", you: false }],
      },
    };
    const light = await browser.open({ ...console, viewport: { width: 1000, height: 640 } });
    await pause(25_000); // iPXE's shell
    await light.click("#viewers");
    await light.screenshot({ path: join(pictures, "console-light.png") });
    await browser.close(light);

    const dark = await browser.open({ ...console, viewport: { width: 1000, height: 700 }, colorScheme: "dark", query: "?lang=de" });
    await dark.click("#type-text");
    await enter(dark, "Pa~ß-{wort}€");
    await dark.screenshot({ path: join(pictures, "console-dark.png") });
    await browser.close(dark);

    const phone = { viewport: { width: 390, height: 760 }, hasTouch: true, isMobile: true };
    const small = await browser.open({ ...console, ...phone, query: "?lang=fr" });
    await small.tap("#touch-keyboard");
    await small.screenshot({ path: join(pictures, "console-phone.png") });
    browser.relay.accepts = false;
    browser.relay.latest.break();
    await small.waitForSelector("#retry");
    await small.screenshot({ path: join(pictures, "console-phone-broken.png") });
    await browser.close(small);
  } finally {
    qemu.kill("SIGKILL");
    await browser.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// What a guest makes of key events.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Layouts of the page as xkeyboard-config names them. */
export const xkb = { us: ["us"], gb: ["gb"], de: ["de"], fr: ["fr"], ch: ["ch"], "ch-fr": ["ch", "fr"], be: ["be"], es: ["es"], it: ["it"] };
const program = fileURLToPath(new URL("read_keys", import.meta.url));

/** Text that a Linux guest with this layout reads from [scancode, down] events. Throws if a key stays pressed. */
export function readKeys(events, layout) {
  return JSON.parse(execFileSync(program, xkb[layout], { input: JSON.stringify(events), encoding: "utf8" }));
}

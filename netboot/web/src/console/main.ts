// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Page /console/NAME: takes the pass out of the address, and starts the console.
import "../shared/page.css";
import "./console.css";
import { byId } from "../shared/dom";
import { Console } from "./console";
import { takeResumeToken } from "./preferences";

const root = byId("console");
const server = root.dataset["server"] ?? "";
const pass = location.hash.slice(1);
// The pass stays neither in the address bar nor in the history.
history.replaceState(null, "", location.pathname + location.search);

// A second link to this console in the same tab changes the fragment alone, and loads nothing.
window.addEventListener("hashchange", () => {
  if (location.hash.length > 1) location.reload();
});

const isPass = /^[A-Za-z0-9_-]{16,128}$/.test(pass);
const token = takeResumeToken(server);
new Console(root, server).start(isPass ? `pass.${pass}` : token === "" ? "" : `resume.${token}`);

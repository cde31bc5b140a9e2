// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Page /s/NAME#KEY: netbootd has written what can be said without a script; this decrypts.
import "../shared/page.css";
import "./secret.css";
import "../shared/icon.svg?url";
import { byId, element, show } from "../shared/dom";
import { localiseTimes } from "../shared/i18n";
import { Form } from "./form";
import { forgetKey, takeKey } from "./key";
import { showSecret } from "./shown";
import { t } from "./texts";

function nameInAddress(): string {
  return location.pathname.split("/").pop() ?? "";
}

function begin(place: HTMLElement): void {
  const name = place.dataset["name"] ?? "";
  const key = takeKey(name);
  if (key === undefined) {
    show(
      place,
      element("div", { class: "note bad", role: "alert" }, element("strong", {}, t("keyMissing")), element("p", {}, t("keyMissingWhy"))),
    );
    return;
  }
  new Form(place, { name, key, needsCode: place.dataset["code"] !== "no" }, (text) => {
    forgetKey(name);
    const main = place.closest("main");
    showSecret(main ?? byId("state"), text);
  });
}

localiseTimes();
const place = document.getElementById("link");
if (place === null) forgetKey(nameInAddress());
else begin(place);
// The same link pasted whole into the address bar changes the fragment only, and loads nothing.
window.addEventListener("hashchange", () => location.reload());

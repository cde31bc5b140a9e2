// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The guest's clipboard: text goes to it, or from it to the customer's own, on a click only.
import { button, copy, element, liveRegion } from "../shared/dom";
import { t } from "./texts";

/** Limit of a text in either direction, in UTF-16 units; netbootd's limit is a MiB. */
const limit = 262_144;

export class ClipboardDialog {
  private readonly from = element("textarea", { id: "clip-from", rows: 4, readonly: true, placeholder: t("clipNone") });
  private readonly to = element("textarea", { id: "clip-to", rows: 4, spellcheck: "false" });
  private readonly result = liveRegion({ id: "clip-result" });
  private readonly dialog: HTMLDialogElement;

  constructor(send: (text: string) => void) {
    const sendIt = (): void => {
      const fits = this.to.value.length <= limit;
      if (fits) send(this.to.value);
      this.result.textContent = t(fits ? "clipSent" : "clipLong");
    };
    const copyIt = async (): Promise<void> => {
      this.result.textContent = t((await copy(this.from.value)) ? "clipCopied" : "clipNotCopied");
    };
    this.dialog = element(
      "dialog",
      { id: "clip-dialog", "aria-labelledby": "clip-title" },
      element("h2", { id: "clip-title" }, t("clipTitle")),
      element("p", { class: "soft small" }, t("clipWhy")),
      element("label", { for: "clip-from" }, t("clipFrom")),
      this.from,
      element("div", { class: "buttons" }, button(t("clipCopy"), () => void copyIt(), { id: "clip-copy" })),
      element("label", { for: "clip-to" }, t("clipTo")),
      this.to,
      this.result,
      element(
        "div",
        { class: "buttons" },
        button(t("clipSend"), sendIt, { class: "primary", id: "clip-send" }),
        button(t("close"), () => this.dialog.close(), { id: "clip-close" }),
      ),
    );
    document.body.append(this.dialog);
    this.dialog.addEventListener("close", () => (this.to.value = ""));
  }

  open(): void {
    this.result.textContent = "";
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** Notes what the guest has copied; it goes nowhere before a click. */
  received(text: string): void {
    this.from.value = text.slice(0, limit);
  }
}

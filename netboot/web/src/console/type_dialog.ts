// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// "Type text": asks for a text and the guest's layout, names what can't be typed, and shows the progress.
import { button, element, liveRegion } from "../shared/dom";
import { families, type Family, type Layout, layouts, plan, type Plan } from "./layouts/layout";
import type { Preferences } from "./preferences";
import { t } from "./texts";
import { type Keyboard, type Outcome, type Progress, type } from "./typing";

export interface Typist extends Keyboard {
  /** False: the server takes no scancodes, or the connection is broken. */
  ready(): boolean;
  /** Switches Caps Lock off in the guest. True if it was on. */
  clearCapsLock(): boolean;
}

/** Limit of a text, in characters: some hours of typing. */
const limit = 500_000;
/** Time between two changes of the shown progress, in milliseconds: each costs more than the keys of a part. */
const showEvery = 200;

export class TypeDialog {
  private readonly text = element("textarea", { id: "type-field", rows: 6, spellcheck: "false", autocomplete: "off" });
  private readonly hidden = element("input", { id: "type-hidden", type: "password", autocomplete: "off", hidden: true });
  private readonly layout = select("type-layout", layouts, (layout) => t(`layout_${layout}`));
  private readonly family = select("type-family", families, (family) => (family === "windows" ? "Windows" : "Linux"));
  private readonly shown = element("input", { type: "checkbox", id: "type-show" });
  private readonly enter = element("input", { type: "checkbox", id: "type-enter" });
  private readonly offered = element("p", { class: "note", hidden: true }, t("typeOffered"));
  private readonly progress = element("progress", { max: 1, value: 0, hidden: true, "aria-label": t("typeText") });
  private readonly result = liveRegion({ id: "type-result" });
  private readonly start = button(t("typeStart"), () => void this.typeIt(), { class: "primary", id: "type-start" });
  private readonly stop = button(t("typeCancel"), () => this.running?.abort(), { id: "type-stop", hidden: true });
  private readonly showRow = check(this.shown, t("typeShow"));
  private readonly title = element("h2", { id: "type-title" });
  private readonly dialog: HTMLDialogElement;
  private running: AbortController | null = null;

  constructor(
    private readonly typist: Typist,
    private readonly preferences: Preferences,
  ) {
    this.dialog = element(
      "dialog",
      { id: "type-dialog", "aria-labelledby": "type-title" },
      this.title,
      this.offered,
      element("p", { class: "soft small" }, t("typeWhy")),
      element("label", { for: "type-field", id: "type-label" }, t("typeField")),
      this.text,
      this.hidden,
      this.showRow,
      field(this.layout, t("layout")),
      field(this.family, t("family")),
      check(this.enter, t("typeEnter")),
      this.progress,
      this.result,
      element("div", { class: "buttons" }, this.start, this.stop, button(t("close"), () => this.close(), { id: "type-close" })),
    );
    document.body.append(this.dialog);
    this.shown.addEventListener("change", () => this.showText(this.shown.checked));
    this.layout.addEventListener("change", () => (this.preferences.layout = this.layout.value as Layout));
    this.family.addEventListener("change", () => {
      this.preferences.family = this.family.value as Family;
      this.preferences.store();
    });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
  }

  /** Opens with a text that another page has sent, hidden until the customer shows it; or with an empty field. */
  open(offered?: string): void {
    if (this.dialog.open) return;
    this.title.textContent = t("typeTitle", { server: this.preferences.server });
    this.text.value = this.hidden.value = "";
    this.offered.hidden = this.showRow.hidden = offered === undefined;
    this.layout.value = this.preferences.layout;
    this.family.value = this.preferences.family;
    this.result.textContent = "";
    this.progress.hidden = true;
    this.text.value = offered ?? "";
    this.shown.checked = false;
    this.showText(offered === undefined);
    this.dialog.showModal();
    (offered === undefined ? this.text : this.start).focus();
  }

  /** Stops a typing that runs: the connection is broken. */
  interrupt(): void {
    this.running?.abort();
  }

  private close(): void {
    this.running?.abort();
    this.text.value = this.hidden.value = "";
    this.dialog.close();
  }

  /** Moves the text between the readable field and the one with dots. A text of several lines has no such field. */
  private showText(readable: boolean): void {
    const current = this.text.hidden ? this.hidden.value : this.text.value;
    const hide = !readable && !/[\r\n]/.test(current);
    this.text.hidden = hide;
    this.hidden.hidden = !hide;
    this.text.value = hide ? "" : current;
    this.hidden.value = hide ? current : "";
  }

  private wanted(): Plan | undefined {
    const text = (this.text.hidden ? this.hidden.value : this.text.value) + (this.enter.checked ? "\n" : "");
    if (text === "") this.result.textContent = t("typeEmpty");
    else if (text.length > limit) this.result.textContent = t("typeLong", { limit });
    else if (!this.typist.ready()) this.result.textContent = t("noScancodes");
    else {
      const planned = plan(text, this.preferences.layout, this.preferences.family);
      if (planned.missing.length === 0) return planned;
      this.result.textContent = t("typeMissing", {
        layout: t(`layout_${this.preferences.layout}`),
        characters: listed(planned.missing),
      });
    }
    return undefined;
  }

  private async typeIt(): Promise<void> {
    const planned = this.wanted();
    if (planned === undefined || this.running !== null) return;
    this.running = new AbortController();
    this.busy(true);
    const capsLock = this.typist.clearCapsLock() ? `${t("typeCaps")} ` : "";
    let last: Progress = { typed: 0, of: planned.strokes.length, acknowledged: true };
    let shownAt = 0;
    const outcome = await type(planned.strokes, this.typist, this.running.signal, (progress) => {
      last = progress;
      if (performance.now() - shownAt < showEvery) return;
      shownAt = performance.now();
      this.progress.value = progress.typed / progress.of;
      const slow = progress.acknowledged ? "" : ` ${t("typeBlind")}`;
      this.result.textContent = capsLock + t("typeProgress", counts(progress)) + slow;
    });
    this.running = null;
    this.busy(false);
    this.result.textContent = capsLock + t(resultOf(outcome), counts(last));
    this.start.focus();
  }

  private busy(busy: boolean): void {
    this.progress.hidden = !busy;
    this.stop.hidden = !busy;
    for (const part of [this.start, this.text, this.hidden, this.layout, this.family, this.enter]) part.disabled = busy;
    if (busy) this.stop.focus();
  }
}

function counts(progress: Progress): { typed: number; of: number } {
  return { typed: progress.typed, of: progress.of };
}

function resultOf(outcome: Outcome): "typeDone" | "typeCancelled" | "typeStalled" {
  return outcome === "done" ? "typeDone" : outcome === "cancelled" ? "typeCancelled" : "typeStalled";
}

/** Characters for a message, each visible: those without a shape as code points. */
export function listed(characters: readonly string[]): string {
  const most = 20;
  const names = characters.slice(0, most).map((character) =>
    /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character)
      ? character
      : `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
  return names.join(" ") + (characters.length > most ? " …" : "");
}

export function select<Value extends string>(
  id: string,
  values: readonly Value[],
  name: (value: Value) => string,
): HTMLSelectElement {
  return element("select", { id }, ...values.map((value) => element("option", { value }, name(value))));
}

export function field(input: HTMLElement, text: string): HTMLElement {
  return element("div", { class: "form-field" }, element("label", { for: input.id }, text), input);
}

function check(input: HTMLInputElement, text: string): HTMLElement {
  return element("div", { class: "check" }, input, element("label", { for: input.id }, text));
}

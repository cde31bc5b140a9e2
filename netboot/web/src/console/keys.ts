// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Keys that a browser or the customer's own system would keep for itself, and the rows for screens without a keyboard.
import { button, element, show } from "../shared/dom";
import { type Family, type Layout, plan } from "./layouts/layout";
import { t } from "./texts";
import { closeMenus } from "./view";

export type SendKey = (code: string, down: boolean) => void;

interface Combination {
  readonly name: string;
  readonly codes: readonly string[];
}

export const ctrlAltDel: readonly string[] = ["ControlLeft", "AltLeft", "Delete"];
const combinations: readonly Combination[] = [
  { name: "Ctrl-Alt-Del", codes: ctrlAltDel },
  { name: "Ctrl-Shift-Esc", codes: ["ControlLeft", "ShiftLeft", "Escape"] },
  { name: "Windows", codes: ["MetaLeft"] },
  { name: "Windows-R", codes: ["MetaLeft", "KeyR"] },
  { name: "Windows-X", codes: ["MetaLeft", "KeyX"] },
  { name: "Windows-L", codes: ["MetaLeft", "KeyL"] },
  { name: "Alt-Tab", codes: ["AltLeft", "Tab"] },
  { name: "Alt-F4", codes: ["AltLeft", "F4"] },
  { name: "Alt-Shift", codes: ["AltLeft", "ShiftLeft"] },
  { name: "Ctrl-Esc", codes: ["ControlLeft", "Escape"] },
  { name: "Esc", codes: ["Escape"] },
  { name: "F2", codes: ["F2"] },
  { name: "F8", codes: ["F8"] },
  { name: "F11", codes: ["F11"] },
  { name: "F12", codes: ["F12"] },
  { name: "Print", codes: ["PrintScreen"] },
  { name: "Ctrl-Alt-F1", codes: ["ControlLeft", "AltLeft", "F1"] },
  { name: "Ctrl-Alt-F2", codes: ["ControlLeft", "AltLeft", "F2"] },
];

/** Presses the keys in their order and releases them in the reverse one. */
export function press(codes: readonly string[], send: SendKey): void {
  for (const code of codes) send(code, true);
  for (const code of [...codes].reverse()) send(code, false);
}

export function fillKeysMenu(menu: HTMLElement, send: SendKey, done: () => void): void {
  show(
    menu,
    ...combinations.map(({ name, codes }) =>
      button(name, () => {
        press(codes, send);
        closeMenus(null);
        done();
      }),
    ),
  );
}

const held = [
  { name: "Ctrl", code: "ControlLeft" },
  { name: "Alt", code: "AltLeft" },
  { name: "Shift", code: "ShiftLeft" },
  { name: "Win", code: "MetaLeft" },
] as const;
const single = [
  { name: "Esc", code: "Escape" },
  { name: "Tab", code: "Tab" },
  { name: "↑", code: "ArrowUp" },
  { name: "↓", code: "ArrowDown" },
  { name: "←", code: "ArrowLeft" },
  { name: "→", code: "ArrowRight" },
  { name: "Del", code: "Delete" },
  { name: "Home", code: "Home" },
  { name: "End", code: "End" },
] as const;

/** Modifiers that stay down until the next key, other special keys, and a hidden field that opens a phone's own keyboard. */
export class TouchKeyboard {
  /** Kept with one character, so that a backspace has something to delete and is reported. */
  private readonly field = element("textarea", {
    class: "off-screen",
    "aria-label": t("keyboard"),
    autocapitalize: "off",
    autocomplete: "off",
    autocorrect: "off",
    spellcheck: "false",
  });
  private readonly modifiers = new Map<string, HTMLButtonElement>();
  private before = "x";

  constructor(
    private readonly row: HTMLElement,
    private readonly send: SendKey,
    private readonly layout: () => { layout: Layout; family: Family },
    private readonly complain: (missing: readonly string[]) => void,
  ) {
    this.field.value = this.before;
    this.field.addEventListener("input", (event) => this.typed(event instanceof InputEvent && event.isComposing));
    this.field.addEventListener("compositionend", () => this.typed(false));
    const toggles = held.map(({ name, code }) => {
      const made = button(name, () => this.toggle(code), { "aria-pressed": "false" });
      this.modifiers.set(code, made);
      return made;
    });
    show(row, ...toggles, ...single.map(({ name, code }) => button(name, () => this.pressed([code]))), this.field);
    // A tap on a key must not close the phone's keyboard.
    row.addEventListener("pointerdown", (event) => {
      if (event.target !== this.field) event.preventDefault();
    });
  }

  toggleShown(): void {
    this.row.hidden = !this.row.hidden;
    if (this.row.hidden) this.releaseModifiers();
    else this.field.focus();
  }

  private toggle(code: string): void {
    const made = this.modifiers.get(code);
    const pressed = made?.getAttribute("aria-pressed") === "true";
    made?.setAttribute("aria-pressed", pressed ? "false" : "true");
    this.send(code, !pressed);
  }

  private releaseModifiers(): void {
    for (const [code, made] of this.modifiers) {
      if (made.getAttribute("aria-pressed") === "true") this.toggle(code);
    }
  }

  private pressed(codes: readonly string[]): void {
    press(codes, this.send);
    this.releaseModifiers();
  }

  /** Sends what has changed in the field. A phone that completes words replaces text while it composes. */
  private typed(composing: boolean): void {
    const after = this.field.value;
    let same = 0;
    while (same < after.length && after[same] === this.before[same]) same += 1;
    for (let deleted = same; deleted < this.before.length; deleted += 1) press(["Backspace"], this.send);
    this.before = after;
    if (!composing) this.field.value = this.before = "x";
    const { layout, family } = this.layout();
    const { strokes, missing } = plan(after.slice(same), layout, family);
    for (const key of strokes.flat()) this.send(key.code, key.down);
    this.releaseModifiers();
    if (missing.length > 0) this.complain(missing);
  }
}

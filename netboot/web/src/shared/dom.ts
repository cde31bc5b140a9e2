// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Builds the pages' elements. Text is always a text node: nothing here parses HTML, so no field can bring a script.

/** `true` sets an attribute without a value, `false` and undefined leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
export type Child = Node | string | undefined;

/** Makes an element. Attributes that would run code or load from elsewhere are refused by an exception. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    const text = value === true ? "" : String(value);
    if (!isSafe(name, text)) throw new Error(`the attribute ${name} is not allowed`);
    made.setAttribute(name, text);
  }
  for (const child of children) {
    if (child !== undefined) made.append(child);
  }
  return made;
}

function isSafe(name: string, value: string): boolean {
  if (name.startsWith("on") || name === "style" || name === "srcdoc") return false;
  if (name !== "href" && name !== "src" && name !== "action") return true;
  return /^(\/(?!\/)|#|\?|blob:)/.test(value);
}

/** Makes a button that calls `pressed`. */
export function button(text: string, pressed: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", pressed);
  return made;
}

/** The element with this id. Throws if it is missing: the page and its script belong together. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found;
}

/** Replaces all children. */
export function show(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...children.filter((child): child is Node | string => child !== undefined));
}

/** A region whose new texts are read out by screen readers, without a move of the focus. */
export function liveRegion(attributes: Attributes = {}): HTMLElement {
  return element("p", { role: "status", "aria-live": "polite", ...attributes });
}

/**
 * Copies to the clipboard. Browsers have `navigator.clipboard` in secure contexts only: elsewhere the text is selected in
 * a field and copied by the older command. False if neither works.
 */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const field = element("textarea", { class: "off-screen", readonly: true, "aria-hidden": "true", tabindex: -1 });
  const focused = document.activeElement;
  field.value = text;
  document.body.append(field);
  field.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    field.value = "";
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}

/** Has the browser save a file that is made here: nothing is sent. */
export function save(name: string, type: string, content: string | Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser reads the blob after the click: it is released later.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

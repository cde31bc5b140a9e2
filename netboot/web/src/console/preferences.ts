// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// What the customer has chosen: kept in the browser, without anything secret. A browser that stores nothing is no fault.
import { families, type Family, type Layout, layoutOf, layouts } from "./layouts/layout";
import type { Wish } from "./quality";

const wishes: readonly Wish[] = ["auto", "best", "medium", "low"];

function read<Value extends string>(key: string, allowed: readonly Value[]): Value | undefined {
  try {
    const stored = localStorage.getItem(`rescue-console-${key}`);
    return allowed.find((value) => value === stored);
  } catch {
    return undefined;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`rescue-console-${key}`, value);
  } catch {
    // The choice holds for this page only.
  }
}

export class Preferences {
  private chosenLayout: Layout | undefined;
  server = "";
  private keyboard = "";

  /** The layout that was chosen for this server with this requested keyboard, else the requested one, else US. */
  connectedTo(server: string, keyboard: string): void {
    this.server = server;
    this.keyboard = keyboard;
    this.chosenLayout = read(this.layoutKey(), layouts);
  }

  get layout(): Layout {
    return this.chosenLayout ?? layoutOf(this.keyboard) ?? "us";
  }
  set layout(layout: Layout) {
    this.chosenLayout = layout;
    write(this.layoutKey(), layout);
  }

  family: Family = read("family", families) ?? "windows";
  quality: Wish = read("quality", wishes) ?? "auto";
  fits = read("fits", ["yes", "no"] as const) !== "no";

  store(): void {
    write("family", this.family);
    write("quality", this.quality);
    write("fits", this.fits ? "yes" : "no");
  }

  private layoutKey(): string {
    return `layout-${this.server}-${this.keyboard}`;
  }
}

const resumeKey = "rescue-console-resume";

/** Keeps the token of a console over a reload of this tab; the token works once, and within a minute. */
export function keepResumeToken(server: string, token: string): void {
  try {
    if (token === "") sessionStorage.removeItem(resumeKey);
    else sessionStorage.setItem(resumeKey, `${server} ${token}`);
  } catch {
    // A reload then ends the console.
  }
}

/** Takes the token that was kept for this server; empty if there is none. */
export function takeResumeToken(server: string): string {
  try {
    const [name, token] = (sessionStorage.getItem(resumeKey) ?? "").split(" ");
    sessionStorage.removeItem(resumeKey);
    return name === server && token !== undefined ? token : "";
  } catch {
    return "";
  }
}

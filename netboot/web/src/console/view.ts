// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The console's frame: status line, tools, place of the screen. It shows; src/console/main.ts decides.
import { button, element, liveRegion, show } from "../shared/dom";
import { language } from "../shared/i18n";
import type { Viewer } from "./protocol";
import { t, type TextKey } from "./texts";

export type State = "connecting" | "waiting" | "connected" | "broken" | "over";

export interface Tools {
  ctrlAltDel(): void;
  typeText(): void;
  clipboard(): void;
  touchKeyboard(): void;
  fit(): void;
  screenshot(): void;
  fullScreen(): void;
  leave(): void;
}

export class View {
  readonly screen = element("div", { class: "screen", id: "screen" });
  /** Filled by the owners of keys and settings. */
  readonly keysMenu = element("div", { class: "menu-items" });
  readonly settingsMenu = element("div", { class: "menu-items wide-items" });
  readonly touchKeys = element("div", { class: "touch-keys", hidden: true });
  private readonly server = element("bdi", {});
  private readonly state = element("span", { class: "pill", id: "state", role: "status" });
  private readonly role = element("span", { class: "pill plain", id: "role", hidden: true });
  private readonly viewersSummary = element("summary", { id: "viewers" });
  private readonly viewersList = element("ul", { class: "menu-items viewers" });
  private readonly viewersMenu = element("details", { class: "menu", hidden: true }, this.viewersSummary, this.viewersList);
  private readonly ends = element("span", { class: "soft small", id: "ends" });
  private readonly notice = liveRegion({ class: "console-notice", id: "notice", hidden: true });
  private readonly cover = element("div", { class: "cover", id: "cover", hidden: true });
  private readonly tools: HTMLElement;
  private readonly needsControl: HTMLButtonElement[] = [];
  private readonly fitButton: HTMLButtonElement;
  private readonly keysDetails: HTMLDetailsElement;
  private sessionEnds = 0;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly root: HTMLElement,
    tools: Tools,
  ) {
    this.fitButton = button(t("actual"), tools.fit, { id: "fit", class: "quiet" });
    this.keysDetails = menu("keys-menu", t("keysMore"), this.keysMenu);
    this.tools = element(
      "div",
      { class: "tools", role: "toolbar", "aria-label": t("tools"), id: "tools", tabindex: -1 },
      this.control("Ctrl-Alt-Del", tools.ctrlAltDel, "ctrl-alt-del"),
      this.keysDetails,
      this.control(t("typeText"), tools.typeText, "type-text"),
      this.control(t("clipboard"), tools.clipboard, "clipboard"),
      this.control(t("keyboard"), tools.touchKeyboard, "touch-keyboard"),
      this.fitButton,
      button(t("screenshot"), tools.screenshot, { id: "screenshot", class: "quiet" }),
      button(t("fullScreen"), tools.fullScreen, { id: "full-screen", class: "quiet" }),
      menu("settings-menu", t("settings"), this.settingsMenu),
      button(t("leave"), tools.leave, { id: "leave", class: "quiet" }),
    );
    const status = element(
      "div",
      { class: "status" },
      element("h1", { class: "server" }, this.server),
      this.state,
      this.role,
      this.viewersMenu,
      this.ends,
    );
    const hints = element("p", { class: "hints soft small" }, t("hintKeys"), " ", t("hintLeave"));
    const stage = element("div", { class: "stage" }, this.screen, this.cover);
    show(root, status, this.tools, this.notice, stage, this.touchKeys, hints);
    root.classList.add("console");
    setInterval(() => this.showEnd(), 15_000);
    document.addEventListener("click", (event) => closeMenus(event.target));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") closeMenus(null);
    });
  }

  setServer(name: string): void {
    this.server.textContent = name;
    document.title = t("title", { server: name });
  }

  setState(state: State): void {
    this.root.dataset["state"] = state;
    this.state.textContent = t(state);
    this.state.className = `pill ${state === "connected" ? "good" : state === "over" || state === "broken" ? "bad" : "warn"}`;
  }

  setControl(may: boolean): void {
    this.role.hidden = false;
    this.role.textContent = t(may ? "roleControl" : "roleView");
    this.role.title = may ? "" : t("viewOnlyWhy");
    for (const tool of this.needsControl) tool.hidden = !may;
    this.keysDetails.hidden = !may;
    this.root.classList.toggle("view-only", !may);
  }

  setViewers(viewers: readonly Viewer[]): void {
    this.viewersMenu.hidden = viewers.length === 0;
    this.viewersSummary.textContent = viewers.length === 1 ? t("viewer") : t("viewers", { count: viewers.length });
    show(
      this.viewersList,
      ...viewers.map((viewer) => {
        const name = element("bdi", {}, viewer.label === "" ? t("noLabel") : viewer.label);
        const what = t(viewer.role === "control" ? "controls" : "watches");
        return element("li", {}, name, ` - ${what}${viewer.you ? ` (${t("you")})` : ""}`);
      }),
    );
  }

  setSessionEnds(moment: string): void {
    const time = new Date(moment).getTime();
    this.sessionEnds = Number.isNaN(time) ? 0 : time;
    this.showEnd();
  }

  setFit(fits: boolean): void {
    this.fitButton.textContent = t(fits ? "actual" : "fit");
    this.screen.classList.toggle("actual", !fits);
  }

  /** Shows a message above the screen, for `seconds` if given. */
  say(text: string, seconds?: number): void {
    clearTimeout(this.noticeTimer);
    this.notice.hidden = text === "";
    this.notice.textContent = text;
    if (seconds !== undefined) this.noticeTimer = setTimeout(() => this.say(""), seconds * 1000);
  }

  /** Covers the screen with a message. */
  coverWith(title: string, text: string, ...more: (HTMLElement | undefined)[]): void {
    this.cover.hidden = false;
    show(
      this.cover,
      element("div", { class: "cover-card", role: "alert" }, element("strong", {}, title), element("p", {}, text), ...more),
    );
  }

  uncover(): void {
    this.cover.hidden = true;
    show(this.cover);
  }

  focusTools(): void {
    const first = [...this.tools.querySelectorAll<HTMLElement>("button, summary")].find((tool) => !tool.hidden);
    (first ?? this.tools).focus();
  }

  private control(text: string, pressed: () => void, id: string): HTMLButtonElement {
    const made = button(text, pressed, { id, class: "quiet", hidden: true });
    this.needsControl.push(made);
    return made;
  }

  private showEnd(): void {
    if (this.sessionEnds === 0) {
      this.ends.textContent = "";
      return;
    }
    const time = new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(this.sessionEnds);
    const minutes = Math.max(0, Math.floor((this.sessionEnds - Date.now()) / 60_000));
    const hours = Math.floor(minutes / 60);
    const left = hours === 0 ? t("endsIn", { minutes }) : t("endsInHours", { hours, minutes: minutes % 60 });
    const soon = hours < 10 ? ` (${left})` : "";
    this.ends.textContent = t("endsAt", { time }) + soon;
    this.ends.classList.toggle("urgent", minutes < 10);
    if (minutes > 0 && minutes <= 5 && this.notice.hidden) this.say(t("endsSoon", { minutes }), 14);
  }
}

function menu(id: string, title: string, items: HTMLElement): HTMLDetailsElement {
  return element("details", { class: "menu", id }, element("summary", {}, title), items);
}

/** Closes all open menus but the one that has `target`. */
export function closeMenus(target: EventTarget | null): void {
  for (const open of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!(target instanceof Node && open.contains(target))) open.open = false;
  }
}

export type { TextKey };

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Joins connection, screen and tools.
import { button, element, save } from "../shared/dom";
import type { RfbChannel } from "./channel";
import { ClipboardDialog } from "./clipboard_dialog";
import { ctrlAltDel, fillKeysMenu, press, TouchKeyboard } from "./keys";
import { type EndReason, Link } from "./link";
import { Preferences, keepResumeToken } from "./preferences";
import type { Hello } from "./protocol";
import { Screen } from "./screen";
import { SettingsMenu } from "./settings_menu";
import { t } from "./texts";
import { listed, TypeDialog } from "./type_dialog";
import { View } from "./view";

/** Limit of a text that another page offers, in UTF-16 units. */
const offeredLimit = 4096;

export class Console {
  private readonly preferences = new Preferences();
  private readonly view: View;
  private readonly screen: Screen;
  private readonly settings: SettingsMenu;
  private readonly typing: TypeDialog;
  private readonly clipboard: ClipboardDialog;
  private readonly touch: TouchKeyboard;
  private readonly offers = new BroadcastChannel("rescue-console");
  private link: Link | null = null;
  private countdown: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly root: HTMLElement,
    private readonly server: string,
  ) {
    this.view = new View(root, {
      ctrlAltDel: () => this.pressed(ctrlAltDel),
      typeText: () => this.typing.open(),
      clipboard: () => this.clipboard.open(),
      touchKeyboard: () => this.touch.toggleShown(),
      fit: () => this.toggleFit(),
      screenshot: () => void this.screenshot(),
      fullScreen: () => void this.toggleFullScreen(),
      leave: () => this.link?.leave(),
    });
    this.settings = new SettingsMenu(this.view.settingsMenu, this.preferences, {
      named: (name) => this.link?.sendLabel(name),
      qualityChosen: () => this.screen.applyQuality(),
    });
    this.screen = new Screen(this.view.screen, this.preferences, {
      firstFrame: () => this.shown(),
      clipboard: (text) => this.clipboard.received(text),
      nonsense: () => this.link?.drop(),
      measured: (level, rate, delay) => this.settings.showQuality(level, rate, delay),
    });
    this.typing = new TypeDialog(this.screen, this.preferences);
    this.clipboard = new ClipboardDialog((text) => this.screen.sendClipboard(text));
    const send = (code: string, down: boolean): void => this.screen.key(code, down);
    fillKeysMenu(this.view.keysMenu, send, () => this.screen.focus());
    this.touch = new TouchKeyboard(
      this.view.touchKeys,
      send,
      () => this.preferences,
      (missing) => this.view.say(t("notTypeable", { characters: listed(missing) }), 6),
    );
  }

  /** `secret` is "pass.PASS", "resume.TOKEN", or empty: the address has no pass. */
  start(secret: string): void {
    this.view.setServer(this.server);
    this.view.setFit(this.preferences.fits);
    if (secret === "") {
      this.ended("no-pass");
      return;
    }
    if (!isSecureContext) this.view.say(t("unsafe"));
    const url = new URL("/v1/console", location.href);
    url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
    this.link = new Link(url.href, secret, {
      connecting: () => this.view.setState("connecting"),
      connected: (hello, channel) => this.connected(hello, channel),
      message: (message) => {
        if (message.type === "viewers") this.view.setViewers(message.viewers);
        else if (message.type === "session") this.view.setSessionEnds(message.sessionEnds);
        else if (message.type === "notice") this.view.say(message.text, 20);
      },
      broken: (seconds) => this.broken(seconds),
      ended: (reason) => this.ended(reason),
    });
    this.link.open();
    window.addEventListener("online", () => this.link?.hurry());
    window.addEventListener("pagehide", () => keepResumeToken(this.server, this.link?.resumeToken ?? ""));
    window.addEventListener("pageshow", () => keepResumeToken(this.server, ""));
    document.addEventListener("keydown", (event) => this.leaveScreen(event), { capture: true });
    this.listenToSecretsPage();
  }

  private connected(hello: Hello, channel: RfbChannel): void {
    clearInterval(this.countdown);
    this.preferences.connectedTo(hello.server, hello.keyboard);
    this.settings.refresh();
    this.view.setServer(hello.server === "" ? this.server : hello.server);
    this.screen.label = t("screen", { server: this.preferences.server });
    this.view.setControl(hello.role === "control");
    this.view.setViewers(hello.viewers);
    this.view.setSessionEnds(hello.sessionEnds);
    this.view.setState("waiting");
    this.screen.attach(channel, hello.role === "control");
  }

  private shown(): void {
    this.view.uncover();
    this.view.setState("connected");
    if (document.activeElement === document.body) this.screen.focus();
    // The page of a link repeats its offer for a console that was opened for it.
    if (this.screen.ready()) this.offers.postMessage({ type: "ready" });
  }

  private broken(seconds: number): void {
    this.typing.interrupt();
    this.view.setState("broken");
    clearInterval(this.countdown);
    const until = performance.now() + seconds * 1000;
    const text = element("p", {});
    const tick = (): void => {
      const left = Math.ceil((until - performance.now()) / 1000);
      text.textContent = left > 0 ? t("reconnectIn", { seconds: left }) : t("reconnectNow");
    };
    tick();
    this.countdown = setInterval(tick, 500);
    const retry = button(t("retry"), () => this.link?.hurry(), { id: "retry" });
    this.view.coverWith(t("broken"), "", text, retry);
  }

  private ended(reason: EndReason | "no-pass"): void {
    clearInterval(this.countdown);
    this.typing.interrupt();
    this.screen.detach();
    this.view.setState("over");
    this.view.setControl(false);
    keepResumeToken(this.server, "");
    this.root.dataset["reason"] = reason;
    const again = reason === "session-ended" ? undefined : element("p", { class: "soft" }, t("newLink"));
    this.view.coverWith(t("overTitle"), t(`end_${reason}`), again);
  }

  /** The chord that leaves the screen: a screen takes all other keys, Tab too. */
  private leaveScreen(event: KeyboardEvent): void {
    if (!(event.ctrlKey && event.altKey && event.shiftKey && event.code === "KeyM")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.screen.releaseKeys();
    this.view.focusTools();
  }

  private pressed(codes: readonly string[]): void {
    press(codes, (code, down) => this.screen.key(code, down));
    this.screen.focus();
  }

  private toggleFit(): void {
    this.preferences.fits = !this.preferences.fits;
    this.preferences.store();
    this.view.setFit(this.preferences.fits);
    this.screen.applyFit();
  }

  private async screenshot(): Promise<void> {
    const picture = await this.screen.picture();
    if (picture === null) {
      this.view.say(t("shotNone"), 6);
      return;
    }
    const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
    const name = this.server.replace(/[^A-Za-z0-9._-]/g, "_");
    save(`${name}-${time}.png`, "image/png", new Uint8Array(await picture.arrayBuffer()));
  }

  private async toggleFullScreen(): Promise<void> {
    if (document.fullscreenElement === null) await this.root.requestFullscreen({ navigationUI: "hide" });
    else await document.exitFullscreen();
    this.screen.focus();
  }

  /** The page of a one-time link may offer the password. Only pages of this origin can; nothing is typed without a click. */
  private listenToSecretsPage(): void {
    this.offers.onmessage = (event: MessageEvent<unknown>) => {
      const data = event.data;
      if (typeof data !== "object" || data === null || !("type" in data) || data.type !== "type-text") return;
      if (!("text" in data) || typeof data.text !== "string" || data.text.length > offeredLimit) return;
      if (this.screen.ready()) this.typing.open(data.text);
    };
  }
}


// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Settings of the console: name, picture, keyboard layout.
import { element, show } from "../shared/dom";
import { families, type Family, type Layout, layouts } from "./layouts/layout";
import type { Preferences } from "./preferences";
import type { Level, Wish } from "./quality";
import { t } from "./texts";
import { field, select } from "./type_dialog";

const qualityNames = { auto: "qualityAuto", best: "qualityBest", medium: "qualityMedium", low: "qualityLow" } as const;

export interface SettingsListener {
  named(name: string): void;
  qualityChosen(): void;
}

export class SettingsMenu {
  private readonly name = element("input", { id: "viewer-name", maxlength: 64, autocomplete: "off" });
  private readonly quality = select<Wish>("quality", ["auto", "best", "medium", "low"], (wish) => t(qualityNames[wish]));
  private readonly measured = element("p", { class: "soft small", id: "measured" }, t("qualityUnmeasured"));
  private readonly layout = select("layout", layouts, (layout) => t(`layout_${layout}`));
  private readonly family = select("family", families, (family) => (family === "windows" ? "Windows" : "Linux"));

  constructor(
    menu: HTMLElement,
    private readonly preferences: Preferences,
    listener: SettingsListener,
  ) {
    show(
      menu,
      field(this.name, t("yourName")),
      field(this.quality, t("quality")),
      this.measured,
      field(this.layout, t("layout")),
      field(this.family, t("family")),
    );
    this.name.addEventListener("change", () => listener.named(this.name.value));
    this.quality.addEventListener("change", () => {
      preferences.quality = this.quality.value as Wish;
      preferences.store();
      listener.qualityChosen();
    });
    this.layout.addEventListener("change", () => (preferences.layout = this.layout.value as Layout));
    this.family.addEventListener("change", () => {
      preferences.family = this.family.value as Family;
      preferences.store();
    });
    menu.addEventListener("focusin", () => this.refresh());
    this.refresh();
  }

  refresh(): void {
    this.quality.value = this.preferences.quality;
    this.layout.value = this.preferences.layout;
    this.family.value = this.preferences.family;
  }

  showQuality(level: Level, rate: number | undefined, delay: number): void {
    if (rate === undefined || !Number.isFinite(delay)) return;
    this.measured.textContent = t("qualityNow", {
      level: t(qualityNames[level]),
      rate: rate < 10 ? rate.toFixed(1) : rate.toFixed(0),
      delay: delay.toFixed(0),
    });
  }
}

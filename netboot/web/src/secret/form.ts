// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The form with the code, and the way from its button to the text of the secret.
import { button, element, liveRegion, show } from "../shared/dom";
import { normalisedCode } from "./code";
import { Computer } from "./computer";
import { reveal, type Answer } from "./reveal";
import type { Sealed } from "./sealed";
import { t } from "./texts";

export interface Link {
  readonly name: string;
  readonly key: string;
  readonly needsCode: boolean;
}

export class Form {
  private readonly computer = new Computer();
  private readonly status = liveRegion({ id: "progress-text" });
  private readonly progress = element("progress", { "aria-labelledby": "progress-text" });
  private readonly working = element("div", { class: "working", hidden: true }, this.status, this.progress);
  private readonly fault = element("div", { class: "note bad", role: "alert", id: "fault", hidden: true });
  private readonly input = element("input", {
    id: "code", name: "code", type: "text", class: "code mono", autocomplete: "one-time-code", autocapitalize: "characters",
    spellcheck: "false", maxlength: 40, size: 12, "aria-describedby": "code-hint fault", enterkeyhint: "go",
  });
  private readonly submit = element("button", { type: "submit", class: "primary" }, t("show"));
  private readonly form = element("form", { class: "code-form", novalidate: true });

  /** `opened` gets the text of the secret, once. */
  constructor(
    private readonly place: HTMLElement,
    private readonly link: Link,
    private readonly opened: (text: string) => void,
  ) {
    if (link.needsCode) {
      this.form.append(
        element("label", { for: "code" }, t("code")),
        this.input,
        element("p", { id: "code-hint", class: "soft small" }, t("codeHint")),
      );
    }
    this.form.append(this.fault, this.working, element("p", {}, this.submit));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submitted();
    });
    show(place, this.form);
    // Compiles while the code is typed.
    void this.computer.run({ kind: "load" }).then((outcome) => {
      if ("failure" in outcome) this.ended(t("noWorker"));
    });
  }

  private async submitted(): Promise<void> {
    const code = this.link.needsCode ? normalisedCode(this.input.value) : "";
    if (code === undefined) {
      this.refused(t("codeForm"));
      return;
    }
    this.started(t("working"));
    const outcome = await this.computer.run({ kind: "prove", name: this.link.name, key: this.link.key, code });
    if (!("proofs" in outcome)) {
      this.refused("failure" in outcome && outcome.failure === "memory" ? t("memory") : t("noWorker"));
      return;
    }
    const answer = await reveal(this.link.name, outcome.proofs);
    if (answer.kind === "sealed") await this.open(answer.sealed, code);
    else this.answered(answer);
  }

  private answered(answer: Exclude<Answer, { kind: "sealed" }>): void {
    switch (answer.kind) {
      case "gone":
        location.reload(); // netbootd's page says what happened, and when
        return;
      case "wrong-code":
        if (answer.left <= 0) {
          location.reload();
          return;
        }
        this.refused(t("wrongCode"), answer.left === 1 ? t("triesOne") : t("triesMany", { left: answer.left }));
        this.input.select();
        return;
      case "wrong-key":
        this.ended(t("keyWrong"));
        return;
      case "wait":
        this.refused(t("wait", { seconds: answer.seconds }));
        return;
      case "not-yet":
        this.refused(t("notYet"));
        return;
      case "unknown":
        this.refused(t("unknown"));
        return;
      case "lost":
        this.ended(t("lost"));
    }
  }

  /** Opens what was handed out. It is here only: for want of memory it is tried again, by a button. */
  private async open(sealed: Sealed, code: string): Promise<void> {
    this.started(t("decrypting"));
    const { name, key } = this.link;
    const outcome = await this.computer.run({ kind: "open", name, key, code, sealed });
    if ("text" in outcome) {
      this.computer.end();
      this.input.value = "";
      this.opened(outcome.text);
    } else if ("failure" in outcome && outcome.failure === "memory") {
      const again = button(t("openAgain"), () => void this.open(sealed, code), { class: "primary" });
      this.refused(t("memory"));
      show(this.place, element("div", { class: "note bad", role: "alert" }, t("memory")), element("p", {}, again), this.working);
    } else {
      this.ended(t("lost"));
    }
  }

  private started(text: string): void {
    this.fault.hidden = true;
    this.input.removeAttribute("aria-invalid");
    this.working.hidden = false;
    this.status.textContent = text;
    this.form.setAttribute("aria-busy", "true");
    this.submit.disabled = true;
    this.input.readOnly = true;
  }

  private refused(...lines: string[]): void {
    this.working.hidden = true;
    this.form.removeAttribute("aria-busy");
    this.submit.disabled = false;
    this.input.readOnly = false;
    this.fault.hidden = false;
    show(this.fault, ...lines.map((line) => element("p", {}, line)));
    if (this.link.needsCode) {
      this.input.setAttribute("aria-invalid", "true");
      this.input.focus();
    }
  }

  /** Shows a fault that pressing the button again does not help against. */
  private ended(text: string): void {
    this.computer.end();
    show(this.place, element("div", { class: "note bad", role: "alert" }, element("p", {}, text)));
  }
}

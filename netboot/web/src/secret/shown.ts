// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Shows a secret that has been opened: the only time that anybody sees it.
import { button, copy, element, liveRegion, save, show } from "../shared/dom";
import { offerToConsole } from "./console_offer";
import { fileName, rdpFile } from "./connection_files";
import { accessIn, type Access } from "./content";
import { spelled } from "./spelling";
import { t } from "./texts";

/** Says what a button has done. */
const said = liveRegion({ class: "said small" });

/** Replaces the page's content by the secret. */
export function showSecret(main: HTMLElement, text: string): void {
  const access = accessIn(text);
  const title = access === undefined || access.server === "" ? t("access") : t("accessTo", { server: access.server });
  const heading = element("h1", { tabindex: -1 }, title);
  const secret = element("section", { class: "card", id: "secret" }, heading, ...warning(main));
  if (access === undefined) {
    secret.append(...secretRow(t("secret"), text));
  } else {
    if (access.user !== "") secret.append(row(t("user"), access.user));
    secret.append(...secretRow(t("password"), access.password), ...consolePart(access), ...spelling(access.password));
  }
  show(main, secret, access === undefined ? undefined : ways(access));
  document.title = title;
  heading.focus();
}

/**
 * The warning that it is shown once. Until it is confirmed, the browser asks before it leaves the page; from then on the
 * page is wiped when it is left, so that the browser's "back" does not show it to the next one.
 */
function warning(main: HTMLElement): Node[] {
  const note = element(
    "div",
    { class: "note warn", id: "once" },
    element("strong", {}, t("once")),
    element("p", {}, t("onceWhy")),
  );
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  window.addEventListener("beforeunload", ask);
  const kept = button(t("kept"), () => {
    window.removeEventListener("beforeunload", ask);
    window.addEventListener("pagehide", () => show(main));
    note.className = "note good";
    show(note, element("p", { role: "status", tabindex: -1 }, t("keptNow")));
    (note.firstElementChild as HTMLElement).focus();
  });
  note.append(element("div", { class: "buttons no-print" }, kept, button(t("print"), () => window.print())));
  return [note];
}

function copyButton(name: string, text: () => string): HTMLButtonElement {
  return button(
    t("copy"),
    () => void copy(text()).then((done) => (said.textContent = done ? t("copied") : t("notCopied"))),
    { "aria-label": t("copyName", { name }) },
  );
}

/** A text with its name and a button that copies it. */
function row(name: string, text: string): HTMLElement {
  return element(
    "div",
    { class: "row" },
    element("div", { class: "name" }, name),
    element("code", { class: "value" }, text),
    element("div", { class: "row-buttons" }, copyButton(name, () => text)),
  );
}

function secretRow(name: string, text: string): Node[] {
  const value = element("code", { class: "value secret", id: "password" }, text);
  const toggle = button(t("hide"), () => {
    const hides = value.dataset["hidden"] === undefined;
    value.textContent = hides ? `(${t("hidden")})` : text;
    if (hides) value.dataset["hidden"] = "";
    else delete value.dataset["hidden"];
    toggle.textContent = hides ? t("showAgain") : t("hide");
    document.querySelector<HTMLDetailsElement>("#spelled")?.toggleAttribute("hidden", hides);
  }, { id: "toggle" });
  const buttons = element("div", { class: "row-buttons" }, copyButton(name, () => text), toggle);
  return [element("div", { class: "row main" }, element("div", { class: "name" }, name), value, buttons), said];
}

function spelling(password: string): Node[] {
  const groups = spelled(password);
  if (groups === undefined) return [];
  const rows = groups.map(({ characters, words }) =>
    element("tr", {}, element("th", { scope: "row", class: "mono" }, characters), element("td", {}, words)),
  );
  return [
    element(
      "details",
      { id: "spelled" },
      element("summary", {}, t("spell")),
      element("p", { class: "soft small" }, t("spellHint")),
      element("table", { class: "spelling", lang: "en" }, element("tbody", {}, ...rows)),
    ),
  ];
}

function consolePart(access: Access): Node[] {
  const type = button(t("typeForMe"), () => {
    offerToConsole(access.password, access.console);
    said.textContent = t("typeOffered");
  }, { id: "type" });
  return [element("div", { class: "no-print console" }, type, element("p", { class: "soft small" }, t("typeHint")))];
}

function ways(access: Access): HTMLElement | undefined {
  const parts: Node[] = [];
  const { addresses, rdp, ssh } = access;
  parts.push(...addresses.map((address) => row(t("address"), address)));
  if (rdp !== undefined) parts.push(...rdpPart(access, rdp));
  if (ssh !== undefined) parts.push(...sshPart(ssh));
  return parts.length === 0 ? undefined : element("section", { class: "card", id: "ways" }, element("h2", {}, t("ways")), ...parts);
}

function rdpPart(access: Access, rdp: NonNullable<Access["rdp"]>): Node[] {
  const files = access.addresses.map((address) =>
    button(t("rdpFile", { address }), () =>
      save(fileName(access.server, "rdp"), "application/x-rdp", rdpFile(address, rdp.port, access.user)),
    ),
  );
  const parts: Node[] = [element("h3", {}, t("rdp")), element("p", {}, t("rdpHow"))];
  if (files.length > 0) parts.push(element("div", { class: "buttons" }, ...files));
  if (rdp.certificate !== "") parts.push(row(t("certificate"), rdp.certificate));
  return parts;
}

function sshPart(ssh: NonNullable<Access["ssh"]>): Node[] {
  const parts: Node[] = [element("h3", {}, t("ssh"))];
  if (ssh.command !== "") parts.push(row(t("sshCommand"), ssh.command));
  if (ssh.hostKeys.length > 0) {
    parts.push(
      element("p", {}, t("sshHow")),
      element("ul", { class: "keys" }, ...ssh.hostKeys.map((key) => element("li", {}, element("code", {}, `${key.type} ${key.fingerprint}`)))),
    );
  }
  if (ssh.knownHosts !== "") parts.push(row(t("knownHosts"), ssh.knownHosts.trimEnd()));
  return parts;
}

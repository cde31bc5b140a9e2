// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Texts of the pages in the language that netbootd has chosen for the page (the `lang` of its root element).

export type Language = "en" | "fr" | "de";
export type Values = Readonly<Record<string, string | number>>;

export function language(): Language {
  const chosen = document.documentElement.lang;
  return chosen === "fr" || chosen === "de" ? chosen : "en";
}

/** Tables of one page: `fr` and `de` must have every key of `en`. "{name}" is replaced by a value. */
export function texts<Key extends string>(
  tables: Readonly<Record<Language, Readonly<Record<Key, string>>>>,
): (key: Key, values?: Values) => string {
  const table = tables[language()];
  return (key, values = {}) =>
    table[key].replace(/\{(\w+)\}/g, (all, name: string) => (name in values ? String(values[name]) : all));
}

/** A moment (RFC 3339) in the reader's own time zone, with its name; as it came if it is no time. */
export function localTime(moment: string): string {
  const time = new Date(moment);
  if (Number.isNaN(time.getTime())) return moment;
  return new Intl.DateTimeFormat(language(), {
    dateStyle: "long",
    timeStyle: "short",
  }).format(time) + " " + zoneOf(time);
}

function zoneOf(time: Date): string {
  const parts = new Intl.DateTimeFormat(language(), { timeZoneName: "short" }).formatToParts(time);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** Shows the times that netbootd has written in UTC in the reader's own time zone. */
export function localiseTimes(root: ParentNode = document): void {
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.textContent = localTime(time.getAttribute("datetime") ?? "");
  }
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Spells a password in words, as credentials/spelling.cpp does: one table of words for page, telephone and rescuectl.

const lineGroup = 4;
const letters =
  "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey x-ray yankee zulu".split(" ");
const digits = "zero one two three four five six seven eight nine".split(" ");
const others: Readonly<Record<string, string>> = {
  " ": "blank", "!": "exclamation mark", '"': "double quote", "#": "hash", $: "dollar", "%": "percent", "&": "ampersand",
  "'": "single quote", "(": "opening parenthesis", ")": "closing parenthesis", "*": "asterisk", "+": "plus", ",": "comma",
  "-": "dash", ".": "dot", "/": "slash", ":": "colon", ";": "semicolon", "<": "less than", "=": "equals",
  ">": "greater than", "?": "question mark", "@": "at sign", "[": "opening bracket", "\\": "backslash",
  "]": "closing bracket", "^": "caret", _: "underscore", "`": "backtick", "{": "opening brace", "|": "vertical bar",
  "}": "closing brace", "~": "tilde",
};

function wordOf(character: string): string | undefined {
  if (/^[a-z]$/.test(character)) return letters[character.charCodeAt(0) - 97];
  if (/^[A-Z]$/.test(character)) return `capital ${letters[character.charCodeAt(0) - 65] ?? ""}`;
  if (/^[0-9]$/.test(character)) return digits[Number(character)];
  return Object.hasOwn(others, character) ? others[character] : undefined;
}

export interface SpelledGroup {
  readonly characters: string;
  readonly words: string;
}

/** Groups of four characters with their words. Undefined if a character has no word: it is not printable ASCII. */
export function spelled(password: string): SpelledGroup[] | undefined {
  const groups: SpelledGroup[] = [];
  for (let at = 0; at < password.length; at += lineGroup) {
    const characters = password.slice(at, at + lineGroup);
    const words = [...characters].map(wordOf);
    if (words.includes(undefined)) return undefined;
    groups.push({ characters, words: words.join(", ") });
  }
  return groups;
}

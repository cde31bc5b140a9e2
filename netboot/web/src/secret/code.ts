// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Codes as people type them.

/** As credentials::normalised_code: without blanks and dashes, upper case, look-alikes as the digits that are meant. */
export function normalisedCode(text: string): string | undefined {
  const plain = text
    .replace(/[\s\u00a0\u2010-\u2015\u2212-]/g, "")
    .toUpperCase()
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(plain) ? plain : undefined;
}

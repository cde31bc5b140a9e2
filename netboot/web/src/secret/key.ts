// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The key in the link's fragment.
//
// It leaves the address bar at once: there it would be in screenshots and shared screens, in the browser's history and
// in what that is synchronised with. It is kept in sessionStorage until the secret is revealed, so that a reload or a
// switch of the language does not lose it. sessionStorage belongs to this tab and this origin, and ends with the tab. A
// script that could read it there would be one of this page's origin, and could read the page itself as well. Where the
// browser has no sessionStorage, the key stays in the address bar.

import { bytesOfKey } from "./sealed";

const placeOf = (name: string) => `rescue-link:${name}`;

/** The key of the link; undefined if the address has none, or not a whole one. */
export function takeKey(name: string): string | undefined {
  // Programs that find links in texts often take a dot or a bracket with them.
  const inAddress = /^#([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])/.exec(location.hash)?.[1];
  if (inAddress !== undefined && bytesOfKey(inAddress) !== undefined) {
    if (isKept(name, inAddress)) leaveAddress();
    else keepInLinks(inAddress);
    return inAddress;
  }
  try {
    const kept = sessionStorage.getItem(placeOf(name)) ?? undefined;
    return kept !== undefined && bytesOfKey(kept) !== undefined ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets the key: it has no use any more. */
export function forgetKey(name: string): void {
  leaveAddress();
  try {
    sessionStorage.removeItem(placeOf(name));
  } catch {
    // There is no sessionStorage, and nothing in it.
  }
}

function isKept(name: string, key: string): boolean {
  try {
    sessionStorage.setItem(placeOf(name), key);
    return sessionStorage.getItem(placeOf(name)) === key;
  } catch {
    return false;
  }
}

function leaveAddress(): void {
  if (location.hash !== "") history.replaceState(null, "", location.pathname + location.search);
}

function keepInLinks(key: string): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".languages a")) link.hash = key;
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The request that uses the secret up.
import type { Sealed } from "./sealed";
import type { Proofs } from "./worker";

export type Answer =
  | { readonly kind: "sealed"; readonly sealed: Sealed }
  | { readonly kind: "wrong-code"; readonly left: number }
  | { readonly kind: "wrong-key" }
  | { readonly kind: "gone" } // revealed, expired, revoked or locked: the page says which
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "not-yet" } // nothing was used up
  | { readonly kind: "unknown" } // no answer: it may have been used up
  | { readonly kind: "lost" }; // used up, and the answer is not here

export async function reveal(name: string, proofs: Proofs): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(`/v1/links/${encodeURIComponent(name)}/reveal`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(proofs),
      cache: "no-store",
      credentials: "omit",
    });
  } catch {
    return afterNoAnswer(name);
  }
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    return response.ok || response.status >= 500 ? afterNoAnswer(name) : { kind: "not-yet" };
  }
  return response.ok ? sealedIn(body) : refusal(response, body);
}

function refusal(response: Response, body: unknown): Answer {
  switch (response.status) {
    case 403: {
      const left = member(body, "tries_left");
      return typeof left === "number" ? { kind: "wrong-code", left } : { kind: "wrong-key" };
    }
    case 404:
    case 410:
      return { kind: "gone" };
    case 429:
      return { kind: "wait", seconds: Math.max(1, Number(response.headers.get("Retry-After")) || 60) };
    default:
      return { kind: "not-yet" };
  }
}

function sealedIn(body: unknown): Answer {
  const sealed = member(body, "sealed");
  const nonce = member(sealed, "nonce");
  const box = member(sealed, "box");
  const code = member(sealed, "code") ?? null;
  if (member(sealed, "format") !== 1 || typeof nonce !== "string" || typeof box !== "string") return { kind: "lost" };
  if (code === null) return { kind: "sealed", sealed: { nonce, box, code } };
  const [salt, passes, memory_kib] = [member(code, "salt"), member(code, "passes"), member(code, "memory_kib")];
  if (typeof salt !== "string" || typeof passes !== "number" || typeof memory_kib !== "number") return { kind: "lost" };
  return { kind: "sealed", sealed: { nonce, box, code: { salt, passes, memory_kib } } };
}

/** Asks whether the request without an answer has used the secret up. */
async function afterNoAnswer(name: string): Promise<Answer> {
  try {
    const response = await fetch(`/v1/links/${encodeURIComponent(name)}`, { cache: "no-store", credentials: "omit" });
    if (response.status === 404 || response.status === 410) return { kind: "gone" };
    if (!response.ok) return { kind: "unknown" };
    const revealed = member(await response.json(), "revealed_at");
    return revealed === null ? { kind: "not-yet" } : { kind: "lost" };
  } catch {
    return { kind: "unknown" };
  }
}

export function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The worker that computes, so that the page stays alive.
import { base64Of, bytesOfKey, load, opened, OutOfMemory, proofOfCode, proofOfLink, type Sealed } from "./sealed";

/** Requests of the page. `code` is normalised; empty where there is none. */
export type Work =
  | { readonly kind: "load" }
  | { readonly kind: "prove"; readonly name: string; readonly key: string; readonly code: string }
  | { readonly kind: "open"; readonly name: string; readonly key: string; readonly code: string; readonly sealed: Sealed };
/** The proofs as netbootd takes them. */
export interface Proofs {
  readonly link_proof: string;
  readonly proof?: string;
}
export type Outcome =
  | { readonly proofs: Proofs }
  | { readonly text: string }
  | { readonly failure: "memory" | "sealed" | "other" }
  | { readonly loaded: true };

async function outcomeOf(work: Work): Promise<Outcome> {
  if (work.kind === "load") {
    await load();
    return { loaded: true };
  }
  const key = bytesOfKey(work.key);
  if (key === undefined) return { failure: "other" };
  if (work.kind === "open") {
    const text = await opened(work.sealed, work.name, key, work.code);
    return text === undefined ? { failure: "sealed" } : { text };
  }
  const link_proof = base64Of(await proofOfLink(work.name, key));
  if (work.code === "") return { proofs: { link_proof } };
  return { proofs: { link_proof, proof: base64Of(await proofOfCode(work.name, key, work.code)) } };
}

self.onmessage = async (event: MessageEvent<Work>) => {
  let outcome: Outcome;
  try {
    outcome = await outcomeOf(event.data);
  } catch (error) {
    console.error(error); // for whoever looks for the reason; it has neither key nor code
    outcome = { failure: error instanceof OutOfMemory || error instanceof RangeError ? "memory" : "other" };
  }
  self.postMessage(outcome);
};

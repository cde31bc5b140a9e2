// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Proofs and opening of a one-time secret, as credentials/one_time_secret.hpp and docs/decisions/0010 define them.
// Runs in a worker: Argon2id takes about a second.
import createSodium, { type Sodium } from "libsodium-sumo";

const keySize = 32;
const saltSize = 16;
const tagSize = 16;
const nonceSize = 24;
const argon2id = 2;
const proofPasses = 3;
const proofMemoryKib = 64 * 1024;

/** A box as netbootd hands it out; all binary members in base64. */
export interface Sealed {
  readonly nonce: string;
  readonly box: string;
  readonly code: { readonly salt: string; readonly passes: number; readonly memory_kib: number } | null;
}

/** Thrown where the browser has too little memory for Argon2id. */
export class OutOfMemory extends Error {}

let loaded: Promise<Sodium> | undefined;

/** Compiles the WebAssembly, once. */
export function load(): Promise<Sodium> {
  loaded ??= createSodium({
    getRandomValue: () => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
  }).then((sodium) => {
    if (sodium._sodium_init() < 0) throw new Error("libsodium does not start");
    return sodium;
  });
  return loaded;
}

export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function base64Of(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** The 32 bytes of a link's key: 43 characters of base64url. Undefined for anything else. */
export function bytesOfKey(key: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(key)) return undefined;
  const bytes = bytesOfBase64(key.replaceAll("-", "+").replaceAll("_", "/") + "=");
  const again = base64Of(bytes).replaceAll("+", "-").replaceAll("/", "_").slice(0, -1);
  return again === key ? bytes : undefined; // libsodium refuses other spellings of the same bytes
}

/** Memory of the WebAssembly that is wiped and freed at the end of `use`. */
class Scratch {
  private readonly parts: { at: number; size: number }[] = [];
  constructor(readonly sodium: Sodium) {}

  room(size: number): number {
    const at = this.sodium._malloc(Math.max(size, 1));
    if (at === 0) throw new OutOfMemory();
    this.parts.push({ at, size });
    return at;
  }
  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length);
    this.sodium.HEAPU8.set(bytes, at);
    return at;
  }
  take(at: number, size: number): Uint8Array {
    return this.sodium.HEAPU8.slice(at, at + size);
  }
  wipe(): void {
    for (const { at, size } of this.parts.reverse()) {
      this.sodium.HEAPU8.fill(0, at, at + size);
      this.sodium._free(at);
    }
  }
}

function using<Result>(sodium: Sodium, work: (scratch: Scratch) => Result): Result {
  const scratch = new Scratch(sodium);
  try {
    return work(scratch);
  } finally {
    scratch.wipe();
  }
}

const utf8 = new TextEncoder();

/** BLAKE2b of `size` bytes, keyed, of a label and what follows it. */
function keyedHash(sodium: Sodium, size: number, key: Uint8Array, label: string, rest: Uint8Array): Uint8Array {
  const prefix = utf8.encode(label);
  const text = new Uint8Array(prefix.length + rest.length);
  text.set(prefix);
  text.set(rest, prefix.length);
  return using(sodium, (scratch) => {
    const out = scratch.room(size);
    sodium._crypto_generichash(out, size, scratch.put(text), text.length, 0, scratch.put(key), key.length);
    return scratch.take(out, size);
  });
}

function stretched(sodium: Sodium, code: string, salt: Uint8Array, passes: number, memoryKib: number): Uint8Array {
  return using(sodium, (scratch) => {
    const password = utf8.encode(code);
    const out = scratch.room(keySize);
    const status = sodium._crypto_pwhash(
      out, keySize, 0, scratch.put(password), password.length, 0, scratch.put(salt), passes, 0, memoryKib * 1024, argon2id,
    );
    if (status !== 0) throw new OutOfMemory();
    return scratch.take(out, keySize);
  });
}

/** Shows that somebody has the link's key. */
export async function proofOfLink(name: string, key: Uint8Array): Promise<Uint8Array> {
  return keyedHash(await load(), keySize, key, "rescue link proof", utf8.encode(name));
}

/** Shows that somebody has the link's key and the code, which is normalised. */
export async function proofOfCode(name: string, key: Uint8Array, code: string): Promise<Uint8Array> {
  const sodium = await load();
  const salt = keyedHash(sodium, saltSize, key, "rescue code proof salt", utf8.encode(name));
  const mixed = stretched(sodium, code, salt, proofPasses, proofMemoryKib);
  return keyedHash(sodium, keySize, key, "rescue code proof", mixed);
}

/** The text of a box. Undefined if name, key or code are not those that it was sealed with. */
export async function opened(sealed: Sealed, name: string, key: Uint8Array, code: string): Promise<string | undefined> {
  const sodium = await load();
  const box = bytesOfBase64(sealed.box);
  const nonce = bytesOfBase64(sealed.nonce);
  if (box.length < tagSize || nonce.length !== nonceSize) return undefined;
  let boxKey = key;
  if (sealed.code !== null) {
    const { salt, passes, memory_kib } = sealed.code;
    boxKey = keyedHash(sodium, keySize, key, "", stretched(sodium, code, bytesOfBase64(salt), passes, memory_kib));
  }
  return using(sodium, (scratch) => {
    const size = box.length - tagSize;
    const text = scratch.room(size);
    const additional = utf8.encode(name);
    const status = sodium._crypto_aead_xchacha20poly1305_ietf_decrypt(
      text, 0, 0, scratch.put(box), box.length, 0, scratch.put(additional), additional.length, 0, scratch.put(nonce),
      scratch.put(boxKey),
    );
    return status === 0 ? new TextDecoder().decode(scratch.take(text, size)) : undefined;
  });
}

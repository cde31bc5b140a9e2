// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The functions of libsodium's WebAssembly that the page uses. 64-bit numbers are two arguments: low and high half.
declare module "libsodium-sumo" {
  export interface Sodium {
    readonly HEAPU8: Uint8Array;
    _malloc(size: number): number;
    _free(pointer: number): void;
    _sodium_init(): number;
    _crypto_generichash(
      out: number, outSize: number, text: number, textLow: number, textHigh: number, key: number, keySize: number,
    ): number;
    _crypto_pwhash(
      out: number, outLow: number, outHigh: number, password: number, passwordLow: number, passwordHigh: number,
      salt: number, passesLow: number, passesHigh: number, memory: number, algorithm: number,
    ): number;
    _crypto_aead_xchacha20poly1305_ietf_decrypt(
      text: number, textSize: number, unused: number, box: number, boxLow: number, boxHigh: number,
      additional: number, additionalLow: number, additionalHigh: number, nonce: number, key: number,
    ): number;
  }
  export default function create(module: { getRandomValue(): number }): Promise<Sodium>;
}

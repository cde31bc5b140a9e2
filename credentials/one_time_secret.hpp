// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Seals a secret for a one-time link. The key is in the link's fragment, which browsers do not send; a short code that
// does not travel with the link is mixed into the key. A page opens it with libsodium in WebAssembly. A proof of the
// code keeps robots that follow links from using the secret up (docs/decisions/0010-one-time-secrets.md).

#include "core/document.hpp"
#include "core/secret.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::credentials {

/// Cost of guessing a code: Argon2id (RFC 9106) of libsodium, about 1 s in a phone's browser.
struct CodeCost {
  unsigned passes = 3;
  unsigned memory_kib = 64 * 1024;
};

/// A sealed secret, as a database stores it. It reveals nothing without the link's key, and the code if it has one.
struct SealedSecret {
  std::string nonce;             ///< 24 bytes
  std::string box;               ///< XChaCha20-Poly1305 (IETF) of the text, with 16 bytes of tag
  std::string salt;              ///< 16 bytes for Argon2id; empty: no code
  std::optional<CodeCost> cost;  ///< none: no code

  [[nodiscard]] bool needs_code() const { return cost.has_value(); }
  /// {"format": 1, "nonce": base64, "box": base64, "code": {"salt": base64, "passes": 3, "memory_kib": 65536} or null}
  [[nodiscard]] nlohmann::json json() const;
  /// Throws `config_invalid` with the field. Refuses a cost over 4 passes and 256 MiB, and a box over 64 KiB.
  static SealedSecret parse(const Document& document);
};

/// 32 random bytes as base64url without padding: 43 characters.
[[nodiscard]] Secret generate_link_key();

/// True for a key as `generate_link_key` makes it.
[[nodiscard]] bool is_link_key(const Secret& key) noexcept;

/// 8 random characters of Crockford's base32, which has 32 characters without look-alikes, as "7K3M-Q9XA": 40 bits.
[[nodiscard]] Secret generate_code();

/// A code as people write it, without blanks and dashes, in upper case, with look-alikes (o, i, l) as the digits that
/// are meant. None if it is not 8 characters of the alphabet.
[[nodiscard]] std::optional<Secret> normalised_code(std::string_view text);

/// Name of a new secret, which is in its link: 16 random bytes as base64url without padding, 22 characters.
[[nodiscard]] std::string generate_secret_id();

/// True for a name as `generate_secret_id` makes it.
[[nodiscard]] bool is_secret_id(std::string_view id) noexcept;

inline constexpr std::size_t proof_size = 32;  ///< bytes of a proof, and of its verifier

/// Proof that somebody has the link's key, for a server that does not have it: BLAKE2b-256(key: link's key, "rescue
/// link proof" + id), 32 bytes. Throws `usage` for a key that is malformed.
[[nodiscard]] Secret proof_of_link(std::string_view id, const Secret& key);

/// Proof that somebody has the link's key and the code, for a server that has neither: 32 bytes. It does not lead to
/// the key of the box, and without the link's key no code can be tried on it.
///   salt      = BLAKE2b-128(key: link's key, "rescue code proof salt" + id)
///   stretched = Argon2id(code without dash, salt, 3 passes, 64 MiB), 32 bytes
///   proof     = BLAKE2b-256(key: link's key, "rescue code proof" + stretched)
/// Takes 0.2 s and 64 MiB. Throws `usage` for a key or code that is malformed.
[[nodiscard]] Secret proof_of_code(std::string_view id, const Secret& key, const Secret& code);

/// The server's copy of a proof: BLAKE2b-256 of it, 32 bytes. Nobody can make the proof of it.
[[nodiscard]] std::string verifier_of(const Secret& proof);

/// Compares in constant time. False for a proof or a verifier of another size.
[[nodiscard]] bool is_proven(const Secret& proof, std::string_view verifier);

/// Seals `text` for `key` and, if given, `code`. `id` names the secret: it opens under no other name. Takes 0.2 s and
/// 64 MiB with a code. Throws `usage` for a key or code that is malformed or a text over 32 KiB.
[[nodiscard]] SealedSecret seal(const Secret& text, std::string_view id, const Secret& key,
                                const Secret* code = nullptr);

/// Opens it again. None if key, code or id are not those that it was sealed with, or it was changed. Throws `usage` for
/// a code that is missing.
[[nodiscard]] std::optional<Secret> open(const SealedSecret& sealed, std::string_view id, const Secret& key,
                                         const Secret* code = nullptr);

}  // namespace rescue::credentials

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Seals messages that only the owner of a key can open, for secrets that pass a service which must not read them.

#include "core/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rescue {

/// X25519 key pair, as raw bytes.
struct BoxKeys {
  std::string public_key;
  Secret secret_key;
};

inline constexpr std::size_t box_key_size = 32;

[[nodiscard]] BoxKeys make_box_keys();
/// Public key of a secret key. Throws `usage` for another size.
[[nodiscard]] std::string public_key_of(const Secret& secret_key);

/// True if a message can be sealed to this key: 32 bytes, and no point of small order.
[[nodiscard]] bool is_box_key(std::string_view public_key);

/// Seals by libsodium's crypto_box_seal. Throws `usage` for an invalid key: another size, or a point of small order.
[[nodiscard]] std::string seal(const Secret& message, std::string_view public_key);
/// Opens a box. Throws `denied` if it is not for this key, or was changed.
[[nodiscard]] Secret open_sealed(std::string_view sealed, const Secret& secret_key);

}  // namespace rescue

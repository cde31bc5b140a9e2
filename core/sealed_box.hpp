// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Messages that only the owner of a key can open, for secrets that travel through a service which must not read them.

#include "core/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace rescue {

/// X25519, as raw bytes.
struct BoxKeys {
  std::string public_key;
  Secret secret_key;
};

inline constexpr std::size_t box_key_size = 32;

[[nodiscard]] BoxKeys make_box_keys();
/// The public key that belongs to a secret one. Throws `usage` for another size.
[[nodiscard]] std::string public_key_of(const Secret& secret_key);

/// Whether something can be sealed to it: 32 bytes, and no point of small order.
[[nodiscard]] bool is_box_key(std::string_view public_key);

/// libsodium's crypto_box_seal. Throws `usage` when the key is none: another size, or a point of small order.
[[nodiscard]] std::string seal(const Secret& message, std::string_view public_key);
/// Throws `denied` when the box is not for this key, or was changed.
[[nodiscard]] Secret open_sealed(std::string_view sealed, const Secret& secret_key);

}  // namespace rescue

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recognizes how a driver got Microsoft's signature: by tests (WHQL), or on the vendor's word (attestation).

#include "core/words.hpp"

#include <string_view>

namespace rescue::windows {

/// `whql` and `attestation` are signatures of Microsoft; `vendor` is another one; `none`: no signature was found.
enum class DriverSignature { whql, attestation, vendor, none };
constexpr auto words_of(DriverSignature) { return words<DriverSignature>("whql", "attestation", "vendor", "none"); }
using rescue::name_of;

/// Reads the certificates in a security catalogue (.cat, PKCS #7) and recognizes the kinds by their extended key
/// usage: 1.3.6.1.4.1.311.10.3.5.1 is attestation, 1.3.6.1.4.1.311.10.3.5 WHQL. Does not verify the signature: Windows
/// does.
[[nodiscard]] DriverSignature signature_of_catalogue(std::string_view bytes);

}  // namespace rescue::windows

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words of one-time links that cross a process (docs/decisions/0010-one-time-secrets.md).

#include "core/words.hpp"

namespace rescue::contract {

/// How the code of a one-time link reaches the customer.
enum class CodePolicy {
  panel,    ///< the requester's panel gets it, sealed to its public key: netbootd can't read it
  none,     ///< there is no code: the link alone opens the secret
  webhook,  ///< netbootd gets it and passes it to a channel of the provider
};
constexpr auto words_of(CodePolicy) { return words<CodePolicy>("panel", "none", "webhook"); }

using rescue::name_of;

}  // namespace rescue::contract

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Content of a delivery, and its text in the queue, for KeyFile to seal.

#include "contract/link.hpp"
#include "core/clock.hpp"
#include "core/secret.hpp"
#include "credentials/connection_files.hpp"
#include "netboot/domain/delivery.hpp"

#include <optional>
#include <string>

namespace rescue::netboot {

/// `link` and `code` are empty for receivers that must not have them.
struct DeliveryFacts {
  credentials::ConnectionDetails connection{};
  WallTime link_expires{};
  std::optional<WallTime> ends{};  ///< of the session's lease
  contract::CodePolicy code_policy = contract::CodePolicy::panel;
  Secret link{};
  Secret code{};
};

/// Text of the facts. The tag in it keeps somebody who may write to the database from swapping two boxes.
[[nodiscard]] Secret box_text(const DeliveryFacts& facts, const std::string& tag);

/// Inverse of `box_text`. Throws `precondition` for another tag or a malformed text.
[[nodiscard]] DeliveryFacts facts_in(const Secret& text, const std::string& tag);

}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Texts that a customer reads in the guest, in the customer's language. They hold no secret.

#include "core/clock.hpp"
#include "orchestrator/domain/guest.hpp"
#include "orchestrator/domain/phase.hpp"

#include <optional>
#include <string>

namespace rescue::session {

enum class Language { en, fr, de };
/// Reads a language tag such as "de" or "fr-CH"; English for any other.
[[nodiscard]] Language language_of(const std::string& tag);

struct TextFacts {
  std::string server;
  std::vector<domain::GuestDisk> disks;  ///< in the guest's order, after its system disk
  std::optional<WallTime> lease_ends;    ///< none: not known
  domain::ShutdownPolicy on_shutdown = domain::ShutdownPolicy::restart;
  bool before_login = false;  ///< for everybody who connects: without the disks
  domain::DiskMode disk_mode = domain::DiskMode::read_write;
};

/// Text for the SSH login and the desktop: the server, its disks, how to finish, until when. Printable lines that end
/// in a line feed, at most 8 KiB of UTF-8 whatever the disks report of themselves.
[[nodiscard]] std::string session_text(const TextFacts& facts, Language language);

/// One line: the rescue ends in `left`, at `ends`.
[[nodiscard]] std::string lease_warning(const std::string& server, WallTime ends, Milliseconds left, Language language);

}  // namespace rescue::session

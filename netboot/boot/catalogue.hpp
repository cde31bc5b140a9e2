// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Catalogue of boot modes, by name: servers' disks, the rescue systems, and the operator's additions.

#include "netboot/domain/boot_mode.hpp"
#include "netboot/ipxe/script.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

struct BootChoice {
  BootMode mode;
  std::string description;           ///< for people, one line
  std::optional<ipxe::Boot> boot{};  ///< none: the disk, or the source is not configured
  bool has_agent = false;            ///< gets the second initrd, for its host agent
};

class Catalogue {
public:
  static constexpr std::size_t most = 64;

  /// Holds the disk, and the two rescue systems, without their sources.
  Catalogue();
  /// Replaces the one with the same name.
  void put(BootChoice choice);

  /// Sorted: the built-in ones first, then by name.
  [[nodiscard]] const std::vector<BootChoice>& choices() const noexcept { return choices_; }
  [[nodiscard]] const BootChoice* find(const BootMode& mode) const noexcept;
  /// True if its source is configured.
  [[nodiscard]] bool boots(const BootMode& mode) const noexcept;
  /// In the order of `choices`; valid until the next `put`.
  [[nodiscard]] std::vector<std::string_view> names() const;

private:
  std::vector<BootChoice> choices_;
};

/// The problem with an unknown name, and the nearest known name.
struct UnknownMode {
  std::string problem;
  std::string hint;
};
[[nodiscard]] UnknownMode unknown_mode(const Catalogue& catalogue, const std::string& name);

/// The reason why servers can't be set to it; empty: they can.
[[nodiscard]] std::string why_unavailable(const BootChoice& choice);

/// The choice for this mode. Throws `precondition` if there is nothing to boot.
[[nodiscard]] const BootChoice& require_available(const Catalogue& catalogue, const BootMode& mode);

}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What servers may boot, by name: their disks, the rescue systems, and whatever the operator adds.

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
  std::optional<ipxe::Boot> boot{};  ///< none: the disk, or nothing says where it comes from
  bool has_agent = false;            ///< it gets the second initrd: its host agent speaks with netbootd
};

class Catalogue {
public:
  static constexpr std::size_t most = 64;

  /// The disk, and the two rescue systems, with nothing yet that says where these come from.
  Catalogue();
  /// In place of the one of the same name.
  void put(BootChoice choice);

  /// The built-in ones first, then by name.
  [[nodiscard]] const std::vector<BootChoice>& choices() const noexcept { return choices_; }
  [[nodiscard]] const BootChoice* find(const BootMode& mode) const noexcept;
  /// Whether there is something to load for it.
  [[nodiscard]] bool boots(const BootMode& mode) const noexcept;
  /// As `choices`; valid as long as nothing is put in.
  [[nodiscard]] std::vector<std::string_view> names() const;

private:
  std::vector<BootChoice> choices_;
};

/// What is wrong with a name that is none of the catalogue's, and the name that may be meant.
struct UnknownMode {
  std::string problem;
  std::string hint;
};
[[nodiscard]] UnknownMode unknown_mode(const Catalogue& catalogue, const std::string& name);

/// Why servers can't be set to it; empty: they can.
[[nodiscard]] std::string why_unavailable(const BootChoice& choice);

/// What this boots. Throws `precondition` when that is nothing.
[[nodiscard]] const BootChoice& require_available(const Catalogue& catalogue, const BootMode& mode);

}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/boot/catalogue.hpp"

#include "core/error.hpp"
#include "core/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

constexpr std::ptrdiff_t built_in = 3;

std::string key_of(const BootMode& mode) { return fmt::format("boot.{}.base_url", mode.name()); }

}  // namespace

Catalogue::Catalogue()
    : choices_{{BootMode::disk, "The server's own system"},
               {BootMode::rescue_windows, "A rescue VM with the server's disks", std::nullopt, true},
               {BootMode::rescue_linux, "The rescue system alone, for a person at its shell"}} {}

void Catalogue::put(BootChoice choice) {
  const auto same = std::find_if(choices_.begin(), choices_.end(),
                                 [&](const BootChoice& other) { return other.mode == choice.mode; });
  if (same != choices_.end()) {
    *same = std::move(choice);
    return;
  }
  const auto place = std::find_if(choices_.begin() + built_in, choices_.end(),
                                  [&](const BootChoice& other) { return other.mode.name() > choice.mode.name(); });
  choices_.insert(place, std::move(choice));
}

const BootChoice* Catalogue::find(const BootMode& mode) const noexcept {
  const auto found =
      std::find_if(choices_.begin(), choices_.end(), [&](const BootChoice& choice) { return choice.mode == mode; });
  return found == choices_.end() ? nullptr : &*found;
}

bool Catalogue::boots(const BootMode& mode) const noexcept {
  const auto* const choice = find(mode);
  return choice != nullptr && choice->boot;
}

std::vector<std::string_view> Catalogue::names() const {
  std::vector<std::string_view> names;
  names.reserve(choices_.size());
  for (const auto& choice : choices_) names.push_back(choice.mode.name());
  return names;
}

UnknownMode unknown_mode(const Catalogue& catalogue, const std::string& name) {
  constexpr std::size_t worth_showing = 64;
  const auto names = catalogue.names();
  const bool is_short = name.size() <= worth_showing;
  const auto meant = is_short ? nearest(name, names) : std::nullopt;
  return {fmt::format("'{}' is not one of {}", is_short ? name : "...", fmt::join(names, ", ")),
          meant ? fmt::format("Did you mean '{}'?", *meant) : ""};
}

std::string why_unavailable(const BootChoice& choice) {
  if (choice.boot || choice.mode == BootMode::disk) return {};
  return key_of(choice.mode) + " is not set in netbootd.yaml";
}

const BootChoice& require_available(const Catalogue& catalogue, const BootMode& mode) {
  const auto* const choice = catalogue.find(mode);
  if (choice != nullptr && why_unavailable(*choice).empty()) return *choice;
  throw Error(ErrorCode::precondition, fmt::format("this netbootd has nothing to boot for {}", mode.name()),
              fmt::format("Set {} in netbootd.yaml.", key_of(mode)));
}

}  // namespace rescue::netboot

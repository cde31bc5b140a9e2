// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/bmc.hpp"

namespace rescue::netboot {

std::string_view name_of(PowerState state) noexcept { return state == PowerState::on ? "on" : "off"; }

std::string_view name_of(PowerAction action) noexcept {
  switch (action) {
  case PowerAction::on:
    return "on";
  case PowerAction::off:
    return "off";
  case PowerAction::cycle:
    return "cycle";
  case PowerAction::reset:
    return "reset";
  }
  return "on";
}

std::string_view name_of(BootDevice device) noexcept {
  switch (device) {
  case BootDevice::none:
    return "none";
  case BootDevice::network:
    return "pxe";
  case BootDevice::disk:
    return "disk";
  }
  return "none";
}

}  // namespace rescue::netboot

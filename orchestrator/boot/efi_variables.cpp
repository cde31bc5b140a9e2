// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/efi_variables.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

extern "C" {
#include <efivar/efivar.h>
}

namespace rescue::boot {
namespace {

constexpr const char* efi_hint = "Are the firmware's variables mounted writable (efivarfs)? Or set boot.efi: off.";

struct Free {
  void operator()(void* memory) const noexcept { std::free(memory); }  // NOLINT: libefivar gives malloc'ed memory
};

efi_guid_t guid_of(EfiNamespace of) {
  switch (of) {
  case EfiNamespace::security:
    return efi_guid_security;
  case EfiNamespace::shim:
    return efi_guid_shim;
  case EfiNamespace::global:
    break;
  }
  return efi_guid_global;
}

}  // namespace

bool has_efi_variables() { return efi_variables_supported() != 0; }

std::optional<EfiVariable> read_efi(const std::string& name, EfiNamespace of) {
  std::uint8_t* data = nullptr;
  std::size_t size = 0;
  EfiVariable variable;
  errno = 0;
  if (efi_get_variable(guid_of(of), name.c_str(), &data, &size, &variable.attributes) < 0) {
    const int error = errno;
    if (error == ENOENT) return std::nullopt;
    throw system_error("cannot read the EFI variable " + name, error, efi_hint);
  }
  const std::unique_ptr<std::uint8_t, Free> owned(data);
  variable.data.assign(data, data + size);
  return variable;
}

void write_efi(const std::string& name, const std::optional<EfiVariable>& value) {
  if (read_efi(name) == value) return;
  errno = 0;
  constexpr mode_t mode = 0644;
  auto data = value ? value->data : std::vector<std::uint8_t>{};
  const int result =
      value ? efi_set_variable(efi_guid_global, name.c_str(), data.data(), data.size(), value->attributes, mode)
            : efi_del_variable(efi_guid_global, name.c_str());
  if (result < 0) throw system_error("cannot write the EFI variable " + name, errno, efi_hint);
  if (read_efi(name) != value) {
    throw Error(ErrorCode::io, "the firmware accepted the EFI variable " + name + ", but did not keep it", efi_hint);
  }
}

std::optional<EfiBootEntry> efi_boot_entry(std::uint16_t number) {
  const auto variable = read_efi(fmt::format("Boot{:04X}", number));
  if (!variable) return std::nullopt;
  return parse_load_option(variable->data);
}

}  // namespace rescue::boot

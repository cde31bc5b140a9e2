// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/handle.hpp"
#include "orchestrator/linux/disks/identity.hpp"

#include <libudev.h>
#include <sys/sysmacros.h>

#include <charconv>

namespace rescue::linux {
namespace {

using Udev = Handle<udev, udev_unref>;
using UdevDevice = Handle<udev_device, udev_device_unref>;

std::optional<dev_t> number_of(std::string_view device) {
  unsigned major_part = 0;
  unsigned minor_part = 0;
  const auto* end = device.data() + device.size();
  const auto middle = std::from_chars(device.data(), end, major_part);
  if (middle.ec != std::errc{} || middle.ptr == end || *middle.ptr != ':') return std::nullopt;
  if (std::from_chars(middle.ptr + 1, end, minor_part).ec != std::errc{}) return std::nullopt;
  return makedev(major_part, minor_part);
}

std::string property(udev_device* device, const char* name) {
  const char* value = udev_device_get_property_value(device, name);
  return value != nullptr ? printable(value) : std::string();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Decodes udev's *_ENC properties: blanks are \x20 there, and underscores in the plain ones.
std::string decoded(std::string_view encoded) {
  std::string text;
  for (std::size_t index = 0; index < encoded.size(); ++index) {
    const auto code = encoded.substr(index, 4);
    const bool escaped =
        code.size() == 4 && code.starts_with("\\x") && hex_value(code[2]) >= 0 && hex_value(code[3]) >= 0;
    text += escaped ? static_cast<char>(hex_value(code[2]) * 16 + hex_value(code[3])) : encoded[index];
    if (escaped) index += 3;
  }
  return printable(text);
}

std::vector<std::string> links_of(udev_device* device) {
  std::vector<std::string> links;
  for (auto* entry = udev_device_get_devlinks_list_entry(device); entry != nullptr;
       entry = udev_list_entry_get_next(entry)) {
    links.emplace_back(udev_list_entry_get_name(entry));
  }
  return links;
}

}  // namespace

std::optional<Identity> identity_from_udev(const BlockDevice& device) {
  const auto number = number_of(device.device);
  const Udev context(udev_new());
  if (!number || !context) return std::nullopt;
  const UdevDevice found(udev_device_new_from_devnum(context.get(), 'b', *number));
  if (!found || udev_device_get_is_initialized(found.get()) <= 0) return std::nullopt;
  Identity identity;
  identity.serial = property(found.get(), "ID_SCSI_SERIAL");
  if (identity.serial.empty()) identity.serial = property(found.get(), "ID_SERIAL_SHORT");
  identity.wwn = property(found.get(), "ID_WWN_WITH_EXTENSION");
  if (identity.wwn.empty()) identity.wwn = property(found.get(), "ID_WWN");
  identity.vendor = decoded(property(found.get(), "ID_VENDOR_ENC"));
  identity.model = decoded(property(found.get(), "ID_MODEL_ENC"));
  identity.links = links_of(found.get());
  identity.content = property(found.get(), "ID_FS_TYPE");
  identity.content_label = property(found.get(), "ID_FS_LABEL");
  return identity;
}

}  // namespace rescue::linux

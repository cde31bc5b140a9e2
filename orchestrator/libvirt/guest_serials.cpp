// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/guest_serials.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <set>

namespace rescue::libvirt {
namespace {

std::string printable_serial(const domain::Disk& disk) {
  std::string serial = trimmed(disk.serial, " ");
  for (char& c : serial) {
    if (c < ' ' || c > '~') c = '_';
  }
  return serial;
}

/// The end of a serial number: in it two disks of one batch differ.
std::string end_of(const std::string& serial, std::size_t limit) {
  return serial.size() <= limit ? serial : trimmed(std::string_view(serial).substr(serial.size() - limit), " ");
}

/// FNV-1a: small and portable. If two serials of a server have the same digest, ordinals distinguish them.
std::uint32_t digest_of(std::string_view text) {
  std::uint32_t digest = 2'166'136'261U;
  for (const unsigned char c : text) digest = (digest ^ c) * 16'777'619U;
  return digest;
}

std::string with_digest(const std::string& serial, std::size_t limit) {
  constexpr std::size_t digest_size = 9;  // "0123abcd-"
  return fmt::format("{:08x}-{}", digest_of(serial), end_of(serial, limit - digest_size));
}

std::string with_ordinal(const std::string& shown, unsigned ordinal, std::size_t limit) {
  const auto suffix = fmt::format("-{}", ordinal);
  return end_of(shown, limit - suffix.size()) + suffix;
}

}  // namespace

std::vector<std::string> guest_serials(const std::vector<domain::Disk>& disks, domain::DiskBus bus) {
  const std::size_t limit = bus == domain::DiskBus::virtio_scsi ? 36 : 20;
  std::map<std::string, std::set<std::string>> by_end;  // the different serials with the same end
  for (const auto& disk : disks) by_end[end_of(printable_serial(disk), limit)].insert(printable_serial(disk));
  std::set<std::string> taken{"RESCUE-SYSTEM"};
  std::vector<std::string> shown;
  for (const auto& disk : disks) {
    const auto serial = printable_serial(disk);
    const auto end = end_of(serial, limit);
    const bool cut = serial.size() > limit;
    const auto base = cut && by_end[end].size() > 1 ? with_digest(serial, limit) : end;
    auto unique = base;
    for (unsigned ordinal = 2; !base.empty() && !taken.insert(unique).second; ++ordinal) {
      unique = with_ordinal(base, ordinal, limit);
    }
    shown.push_back(std::move(unique));
  }
  return shown;
}

std::string serial_for_libvirt(std::string serial) {
  constexpr std::string_view others = "-_.+";
  for (char& c : serial) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && others.find(c) == std::string_view::npos) c = '_';
  }
  return serial;
}

}  // namespace rescue::libvirt

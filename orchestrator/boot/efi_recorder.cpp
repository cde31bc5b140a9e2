// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/efi_recorder.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/sha256.hpp"
#include "orchestrator/boot/efi_variables.hpp"

#include <fmt/format.h>

#include <array>
#include <functional>

namespace rescue::boot {
namespace {

using EfiBytes = std::span<const std::uint8_t>;

constexpr std::size_t longest_value = 200;
constexpr std::size_t most_entries = 64;

std::string boot_numbers_text(EfiBytes bytes) {
  std::string text;
  for (std::size_t at = 0; at + 1 < bytes.size() && at < 2 * most_entries; at += 2) {
    text += fmt::format("{}{:04X}", text.empty() ? "" : ",", bytes[at] | (bytes[at + 1] << 8U));
  }
  return text;
}

std::string flag_text(EfiBytes bytes) { return !bytes.empty() && bytes[0] == 1 ? "on" : "off"; }

std::string text_of_sbat(EfiBytes bytes) {
  return printable({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, longest_value);
}

void add(domain::FirmwareSnapshot& snapshot, const std::string& name, const std::function<std::string(EfiBytes)>& text,
         EfiNamespace of = EfiNamespace::global) {
  const auto variable = read_efi(name, of);
  if (!variable) return;
  const std::string_view bytes(reinterpret_cast<const char*>(variable->data.data()), variable->data.size());
  snapshot.variables.push_back({name, printable(text(variable->data), longest_value), sha256_hex(bytes)});
}

void add_boot_entries(domain::FirmwareSnapshot& snapshot) {
  add(snapshot, "BootOrder", boot_numbers_text);
  add(snapshot, "BootNext", boot_numbers_text);
  const auto order = read_efi("BootOrder");
  if (!order) return;
  for (std::size_t at = 0; at + 1 < order->data.size() && at < 2 * most_entries; at += 2) {
    add(snapshot, fmt::format("Boot{:04X}", order->data[at] | (order->data[at + 1] << 8U)),
        [](EfiBytes bytes) { return parse_load_option(bytes).description; });
  }
}

}  // namespace

std::string signatures_text(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t header = 28;
  const auto number = [&](std::size_t at) {
    return std::size_t{bytes[at]} | (std::size_t{bytes[at + 1]} << 8U) | (std::size_t{bytes[at + 2]} << 16U) |
           (std::size_t{bytes[at + 3]} << 24U);
  };
  const auto size = bytes.size();
  std::size_t count = 0;
  while (bytes.size() >= header) {
    const auto list = number(16);
    const auto own_header = number(20);
    const auto signature = number(24);
    if (list < header || list > bytes.size() || own_header > list - header || signature == 0) break;
    count += (list - header - own_header) / signature;
    bytes = bytes.subspan(list);
  }
  return fmt::format("{} signature{}, {} bytes", count, count == 1 ? "" : "s", size);
}

domain::FirmwareSnapshot EfiRecorder::record() {
  domain::FirmwareSnapshot snapshot;
  if (!enabled_ || !has_efi_variables()) return snapshot;
  try {
    add_boot_entries(snapshot);
    for (const auto* const name : {"SecureBoot", "SetupMode"}) add(snapshot, name, flag_text);
    for (const auto* const name : {"PK", "KEK"}) add(snapshot, name, signatures_text);
    for (const auto* const name : {"db", "dbx"}) add(snapshot, name, signatures_text, EfiNamespace::security);
    add(snapshot, "SbatLevelRT", text_of_sbat, EfiNamespace::shim);
  } catch (const std::exception& error) {
    snapshot.variables.clear();
    snapshot.problem = report_of(error).one_line();
  }
  return snapshot;
}

}  // namespace rescue::boot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/efi_boot.hpp"

#include "core/base64.hpp"
#include "core/document.hpp"
#include "core/error.hpp"
#include "core/timed.hpp"
#include "orchestrator/boot/efi_variables.hpp"

#include <fmt/format.h>

namespace rescue::boot {
namespace {

using Json = nlohmann::json;

constexpr const char* order_name = "BootOrder";
constexpr const char* next_name = "BootNext";

/// Parses little-endian numbers of boot entries.
std::vector<std::uint16_t> entries_of(const std::optional<EfiVariable>& variable) {
  std::vector<std::uint16_t> numbers;
  if (!variable) return numbers;
  for (std::size_t at = 0; at + 1 < variable->data.size(); at += 2) {
    numbers.push_back(static_cast<std::uint16_t>(variable->data[at] | (variable->data[at + 1] << 8U)));
  }
  return numbers;
}

std::string text_of(const std::optional<EfiVariable>& variable) {
  const auto numbers = entries_of(variable);
  if (numbers.empty()) return "none";
  return fmt::format("{:04X}", fmt::join(numbers, ","));
}

bool leads_into_network(const std::optional<EfiVariable>& next) {
  for (const auto number : entries_of(next)) {
    if (const auto entry = efi_boot_entry(number)) return entry->network;
  }
  return false;
}

Json to_json(const std::optional<EfiVariable>& variable) {
  if (!variable) return nullptr;
  return {{"attributes", variable->attributes},
          {"data", base64_of({reinterpret_cast<const char*>(variable->data.data()), variable->data.size()})}};
}

std::optional<EfiVariable> from_json(const Field& root, const char* name) {
  const auto field = root.find(name);
  if (!field) return std::nullopt;
  const auto bytes = bytes_of_base64(field->at("data").string());
  if (!bytes) field->at("data").fail("is not base64");
  EfiVariable variable;
  variable.attributes = static_cast<std::uint32_t>(field->at("attributes").integer(0, UINT32_MAX));
  variable.data.assign(bytes->begin(), bytes->end());
  return variable;
}

/// Sets a variable to `wanted`, and returns the change for people.
void set_back(const char* name, const std::optional<EfiVariable>& wanted, std::string& changes) {
  const auto now = read_efi(name);
  if (now == wanted) return;
  const log::Timed line("EFI variable {} set", name);
  write_efi(name, wanted);
  changes += fmt::format("{}{} {} -> {}", changes.empty() ? "efi: " : ", ", name, text_of(now), text_of(wanted));
}

}  // namespace

bool EfiBootControl::available() { return has_efi_variables(); }

std::string EfiBootControl::mode() {
  const auto next = read_efi(next_name);
  if (next) return fmt::format("{} next{}", text_of(next), leads_into_network(next) ? ", from the network" : "");
  return "boot order " + text_of(read_efi(order_name));
}

std::string EfiBootControl::snapshot() {
  const Json json{{order_name, to_json(read_efi(order_name))}, {next_name, to_json(read_efi(next_name))}};
  return json.dump();
}

std::string EfiBootControl::restore_disk(const std::string& snapshot, std::stop_token) {
  std::string changes;
  auto next = read_efi(next_name);
  if (!snapshot.empty()) {
    const auto document = Document::from_json("snapshot of EFI", snapshot);
    const auto root = document.root();
    // Keep the present boot order if the snapshot has none.
    if (const auto order = from_json(root, order_name)) set_back(order_name, order, changes);
    next = from_json(root, next_name);
  }
  if (leads_into_network(next)) next.reset();
  set_back(next_name, next, changes);
  return changes;
}

}  // namespace rescue::boot

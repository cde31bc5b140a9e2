// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/domain/disk_identity.hpp"

#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "core/printable.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::domain {
namespace {

using IdentityJson = nlohmann::json;

constexpr std::size_t most_identities = 256;
constexpr std::size_t longest_number = 36;
constexpr std::size_t longest_reason = 500;

/// A number that nobody has set is no identity: 0 in all digits.
bool is_set(const std::string& number) { return number.find_first_not_of("0-") != std::string::npos; }

void add_shared(std::string& text, const std::string& what) { text += (text.empty() ? "" : ", ") + what; }

const PartitionIdentity* find_number(const std::vector<PartitionIdentity>& partitions,
                                     std::string PartitionIdentity::*member, const std::string& number) {
  const auto found = std::find_if(partitions.begin(), partitions.end(),
                                  [&](const PartitionIdentity& partition) { return partition.*member == number; });
  return found == partitions.end() ? nullptr : &*found;
}

std::string shared_of_partitions(const DiskIdentity& one, const DiskIdentity& other,
                                 std::string PartitionIdentity::*member, const char* what) {
  std::string text;
  for (const auto& partition : one.partitions) {
    const auto& number = partition.*member;
    if (!is_set(number) || find_number(other.partitions, member, number) == nullptr) continue;
    add_shared(text, partition.number == 0 ? fmt::format("the {} {}", what, number)
                                           : fmt::format("the {} of partition {}", what, partition.number));
  }
  return text;
}

[[noreturn]] void refuse_identity(const std::string& why) {
  throw Error(ErrorCode::subprocess, fmt::format("the disk's identity is malformed: {}", why));
}

std::string number_in(const IdentityJson& json, const char* name) {
  const auto& text = json.at(name).get_ref<const std::string&>();
  if (text.size() > longest_number || text.find_first_not_of("0123456789abcdef-") != std::string::npos) {
    refuse_identity(fmt::format("'{}' is no number", name));
  }
  return text;
}

DiskIdentity identity_in(const IdentityJson& json) {
  DiskIdentity identity;
  const auto table = parse_word<TableKind>(json.at("table").get_ref<const std::string&>());
  if (!table) refuse_identity("'table' has an unknown word");
  identity.table = *table;
  identity.id = number_in(json, "id");
  const auto& partitions = json.at("partitions").get_ref<const IdentityJson::array_t&>();
  if (partitions.size() > most_identities) refuse_identity("it has too many partitions");
  for (const auto& partition : partitions) {
    identity.partitions.push_back(
        {static_cast<unsigned>(partition.at("number").get_ref<const IdentityJson::number_unsigned_t&>()),
         number_in(partition, "id"), number_in(partition, "serial")});
  }
  return identity;
}

template <class Read>
auto parsed(std::string_view text, Read read) {
  const auto json = parse_peer_json(text);
  try {
    return read(json);
  } catch (const IdentityJson::exception& error) {
    refuse_identity(printable(error.what(), longest_reason));
  }
}

}  // namespace

std::vector<std::string> numbers_of(const DiskIdentity& identity) {
  std::vector<std::string> numbers{identity.id};
  for (const auto& partition : identity.partitions) {
    numbers.push_back(partition.id);
    numbers.push_back(partition.serial);
  }
  std::erase_if(numbers, [](const std::string& number) { return !is_set(number); });
  return numbers;
}

std::string shared_ids(const DiskIdentity& one, const DiskIdentity& other) {
  std::string text;
  if (one.table == other.table && one.id == other.id && is_set(one.id)) {
    add_shared(text, fmt::format("the disk's {} {}", one.table == TableKind::gpt ? "GUID" : "signature", one.id));
  }
  const auto partitions = shared_of_partitions(one, other, &PartitionIdentity::id, "GUID");
  if (!partitions.empty()) add_shared(text, partitions);
  return text;
}

std::string shared_serials(const DiskIdentity& one, const DiskIdentity& other) {
  return shared_of_partitions(one, other, &PartitionIdentity::serial, "serial number");
}

IdentityJson to_json(const DiskIdentity& identity) {
  auto partitions = IdentityJson::array();
  for (const auto& partition : identity.partitions) {
    partitions.push_back({{"number", partition.number}, {"id", partition.id}, {"serial", partition.serial}});
  }
  return {{"table", name_of(identity.table)}, {"id", identity.id}, {"partitions", std::move(partitions)}};
}

IdentityJson to_json(const RenewedIdentity& renewed) {
  return {{"identity", to_json(renewed.identity)}, {"kept_because", renewed.kept_because}};
}

DiskIdentity disk_identity_from(std::string_view text) { return parsed(text, identity_in); }

RenewedIdentity renewed_identity_from(std::string_view text) {
  return parsed(text, [](const IdentityJson& json) {
    return RenewedIdentity{identity_in(json.at("identity")),
                           printable(json.at("kept_because").get_ref<const std::string&>(), longest_reason)};
  });
}

}  // namespace rescue::domain

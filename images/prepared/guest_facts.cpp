// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/guest_facts.hpp"

#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "images/prepared/contract.hpp"

#include <fmt/format.h>

namespace rescue::prepared {
namespace {

using Json = nlohmann::json;

constexpr std::size_t largest_answer = 4U << 20U;

/// Member of an object; null if there is none, or `object` is none.
const Json& member(const Json& object, std::string_view name) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(name);
  return found == object.end() ? null : *found;
}

}  // namespace

GuestFacts::GuestFacts(Json answer) : answer_(std::move(answer)) {
  if (!member(answer_, "partitions").is_array()) {
    throw Error(ErrorCode::internal, "rescue-ntfs-read printed something else than its facts");
  }
  for (const auto& partition : member(answer_, "partitions")) {
    const auto& volume = member(partition, "volume");
    for (const auto& windows : member(volume, "windows")) {
      installations_.push_back(
          fmt::format("{} on partition {}", windows.value("folder", ""), partition.value("number", 0)));
      volume_ = volume;
      windows_ = windows;
    }
  }
  if (installations_.size() == 1) return;
  volume_ = Json::object();
  windows_ = Json::object();
}

std::string GuestFacts::table() const { return answer_.value("table", "none"); }

std::vector<Json> GuestFacts::partitions() const { return answer_.at("partitions"); }

const Json& GuestFacts::values(const Key& key) const {
  static const auto none = Json::object();
  const auto& found = member(member(member(member(windows_, "hives"), key.hive), "keys"), key.path);
  return found.is_object() ? found : none;
}

/// Names of values are compared as Windows compares them.
std::optional<std::uint64_t> GuestFacts::number(const Key& key, std::string_view name) const {
  for (const auto& [found, value] : values(key).items()) {
    if (lower_case(found) == lower_case(std::string(name)) && value.is_number_unsigned()) {
      return value.get<std::uint64_t>();
    }
  }
  return std::nullopt;
}

std::string GuestFacts::text(const Key& key, std::string_view name) const {
  for (const auto& [found, value] : values(key).items()) {
    if (lower_case(found) == lower_case(std::string(name)) && value.is_string()) return value.get<std::string>();
  }
  return "";
}

GuestFacts read_facts(const SourceImage& image, const std::string& rescue_ntfs_read) {
  Command command;
  command.argv = {rescue_ntfs_read, image.format, image.path};
  command.input = contract_query().dump();
  command.time_limit = Milliseconds(300'000);
  const auto result = run(command);
  if (result.status == exit_code_of(ErrorCode::precondition)) {
    throw Error(ErrorCode::precondition, fmt::format("{} can't be opened: {}", image.path, trimmed(result.err)),
                "Close the virtual machine that uses it, and copy the file again.");
  }
  if (result.timed_out) throw Error(ErrorCode::timeout, fmt::format("reading {} took too long", image.path));
  if (result.status != 0) {
    throw Error(
        ErrorCode::subprocess,
        fmt::format("{} failed on {} ({}): {}", rescue_ntfs_read, image.path, result.status, trimmed(result.err)),
        "The file system or the registry in the image may be damaged: start it once, run `chkdsk C: /f`.");
  }
  return GuestFacts(parse_peer_json(result.out, largest_answer));
}

}  // namespace rescue::prepared

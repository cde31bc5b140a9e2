// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/identity/references.hpp"

#include "core/disk/hive.hpp"
#include "core/error.hpp"

#include <cstring>

namespace rescue::identity {
namespace {

constexpr std::size_t base_block = 4096;  // no cell is in it
constexpr std::size_t guid_size = 16;

std::string start_bytes(std::uint64_t start) {
  std::string bytes(sizeof start, '\0');
  std::memcpy(bytes.data(), &start, sizeof start);
  return bytes;
}

template <class Found>
void each_place(std::string_view hive, std::string_view wanted, Found found) {
  for (auto at = hive.find(wanted, base_block); at != std::string_view::npos;
       at = hive.find(wanted, at + wanted.size())) {
    found(at);
  }
}

void replace_guid(std::string_view hive, const std::string& old_id, const std::string& new_id,
                  std::vector<Patch>& patches) {
  if (old_id.size() != guid_size) return;
  each_place(hive, old_id, [&](std::size_t at) { patches.push_back({at, new_id}); });
}

/// By the elements that bcdedit writes: start of the partition at 0x20, 1 for an MBR at 0x34 of its 4 bytes at 0x38.
void replace_signature(std::string_view hive, const IdentityChange& change, std::uint64_t start,
                       std::vector<Patch>& patches) {
  const auto place = start_bytes(start);
  each_place(hive, change.old_id + place, [&](std::size_t at) { patches.push_back({at, change.new_id}); });
  constexpr std::size_t style_behind_start = 0x34 - 0x20;
  const auto style_and_signature = std::string("\1\0\0\0", 4) + change.old_id;
  each_place(hive, place, [&](std::size_t at) {
    const auto style = at + style_behind_start;
    if (hive.size() < style + style_and_signature.size()) return;
    if (hive.substr(style, style_and_signature.size()) != style_and_signature) return;
    patches.push_back({style + 4, change.new_id});
  });
}

}  // namespace

std::vector<Patch> reference_patches(std::string_view hive, const IdentityChange& change) {
  if (hive.size() < base_block || !hive.starts_with("regf")) {
    throw Error(ErrorCode::precondition, "it is no registry hive");
  }
  if (disk::is_dirty_hive(hive)) throw Error(ErrorCode::precondition, "it was not written completely");
  std::vector<Patch> patches;
  if (change.table == domain::TableKind::gpt) replace_guid(hive, change.old_id, change.new_id, patches);
  for (const auto& partition : change.partitions) {
    if (change.table == domain::TableKind::gpt) {
      replace_guid(hive, partition.old_id, partition.new_id, patches);
    } else if (change.old_id.find_first_not_of('\0') != std::string::npos) {
      replace_signature(hive, change, partition.start, patches);
    }
  }
  return patches;
}

}  // namespace rescue::identity

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Answers of the program that reads a hostile disk: what is taken is written and read back the same.
#include "core/error.hpp"
#include "expect.hpp"
#include "orchestrator/domain/boot_chain.hpp"
#include "orchestrator/domain/inspection_form.hpp"
#include "orchestrator/domain/snapshot_form.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>

namespace {

/// Checks that a snapshot is read back the same, and does not differ from itself.
void check_snapshot(std::string_view text) {
  using rescue::fuzz::expect;
  try {
    const auto snapshot = rescue::domain::disk_snapshot_from(text);
    const auto again = rescue::domain::disk_snapshot_from(rescue::domain::to_json(snapshot).dump());
    expect(again == snapshot, "a snapshot is read back the same");
    rescue::domain::SessionReport report;
    compare(snapshot, rescue::domain::DiskSnapshot{}, report);
    compare(rescue::domain::DiskSnapshot{}, snapshot, report);
  } catch (const rescue::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rescue::fuzz::expect;
  const void* const place = data;
  check_snapshot({static_cast<const char*>(place), size});
  try {
    const auto facts = rescue::domain::disk_facts_from({static_cast<const char*>(place), size});
    const auto again = rescue::domain::disk_facts_from(rescue::domain::to_json(facts).dump());
    expect(again == facts, "facts are read back the same");
    const std::vector<rescue::domain::InspectedDisk> disks{{"/dev/sda", facts, ""}};
    (void)rescue::domain::findings_of(disks);
    for (const bool uefi : {true, false}) expect(!boot_chain(disks, uefi).empty(), "there is a first link");
  } catch (const rescue::Error&) {
  }
  return 0;
}

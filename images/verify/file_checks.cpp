// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The image's file: digest, form, partition table. Nothing boots, and nothing is mounted.
#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "images/store.hpp"
#include "images/verify/checks.hpp"
#include "images/verify/subject.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

namespace rescue::verify {
namespace {

using nlohmann::json;

constexpr const char* efi_system_partition = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
constexpr const char* recovery_partition = "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC";

Completed run_tool(std::vector<std::string> argv, Milliseconds limit) {
  Command command;
  command.argv = std::move(argv);
  command.time_limit = limit;
  return run(command);
}

/// Copies sectors of the image's disk; `skip` and `count` in sectors.
void copy_sectors(Subject& subject, const std::string& to, std::uint64_t skip, std::uint64_t count) {
  Command command;
  command.argv = {"qemu-img",
                  "dd",
                  "-f",
                  subject.manifest().system_disk().format,
                  "-O",
                  "raw",
                  "bs=512",
                  fmt::format("skip={}", skip),
                  fmt::format("count={}", skip + count),
                  "if=" + subject.image(),
                  "of=" + to};
  run_checked(command);
}

/// The partition table as sfdisk reads it, from a file with holes that has only the disk's beginning and end.
json partition_table(Subject& subject) {
  constexpr std::uint64_t table_sectors = 64;
  const auto sectors = subject.manifest().system_disk().virtual_size / sector;
  if (sectors < 2 * table_sectors) throw Error(ErrorCode::image_untrusted, "the disk is too small for partitions");
  const auto disk = subject.scratch("table.raw");
  const auto end = subject.scratch("table-end.raw");
  copy_sectors(subject, disk, 0, table_sectors);
  copy_sectors(subject, end, sectors - table_sectors, table_sectors);
  std::filesystem::resize_file(disk, sectors * sector);
  Command place;
  place.argv = {"dd",           "if=" + end,  "of=" + disk, "bs=512", fmt::format("seek={}", sectors - table_sectors),
                "conv=notrunc", "status=none"};
  run_checked(place);
  const auto answer = run_tool({"/usr/sbin/sfdisk", "--json", disk}, Milliseconds(30'000));
  auto parsed = json::parse(answer.out, nullptr, false);
  if (answer.status != 0 || !parsed.is_object() || !parsed.contains("partitiontable")) {
    throw Error(ErrorCode::image_untrusted, "there is no partition table: " + trimmed(answer.err));
  }
  return std::move(parsed["partitiontable"]);
}

bool has_type(const json& table, std::string_view type) {
  const auto partitions = table.value("partitions", json::array());
  return std::any_of(partitions.begin(), partitions.end(),
                     [&](const json& one) { return one.value("type", std::string()) == type; });
}

/// True for version 4 of RFC 4122: xxxxxxxx-xxxx-4xxx; sfdisk writes it in the other byte order: xxxxxxxx-xxxx-xx4x.
bool is_random_guid(const std::string& guid) {
  constexpr std::size_t length = 36;
  constexpr std::size_t version_at = 14;
  constexpr std::size_t swapped_at = 16;
  return guid.size() == length && (guid[version_at] == '4' || guid[swapped_at] == '4');
}

/// Calls `judge` with the table; a table that can't be read is a failure of the image.
template <class Judge>
Verdict with_table(Subject& subject, Judge judge) {
  try {
    return judge(partition_table(subject));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::image_untrusted) throw;
    return failed(error.what());
  }
}

}  // namespace

Verdict check_digest(Subject& subject) {
  const auto& file = subject.manifest().system_disk();
  const auto size = std::filesystem::file_size(subject.image());
  if (size != file.size)
    return failed(fmt::format("{} has {} bytes, the manifest says {}", file.name, size, file.size));
  if (images::sha256_of_file(subject.image()) != file.sha256) {
    return failed(fmt::format("the SHA-256 of {} differs from the manifest's", file.name));
  }
  return passed(fmt::format("{} bytes", size));
}

Verdict check_image_file(Subject& subject) {
  const auto& file = subject.manifest().system_disk();
  const auto information =
      run_tool({"qemu-img", "info", "--output=json", "-f", file.format, subject.image()}, Milliseconds(60'000));
  const auto info = json::parse(information.out, nullptr, false);
  if (information.status != 0 || !info.is_object()) return failed(trimmed(information.err));
  if (info.contains("backing-filename")) return failed("it has a backing file: it is not complete");
  if (info.value("dirty-flag", false)) return failed("it is marked as dirty");
  if (info.contains("snapshots")) return failed("it has internal snapshots");
  if (const auto size = info.value("virtual-size", std::uint64_t{0}); size != file.virtual_size) {
    return failed(fmt::format("its disk has {} bytes, the manifest says {}", size, file.virtual_size));
  }
  if (file.format != "qcow2") return passed();
  constexpr Milliseconds check_limit{600'000};
  const auto check = run_tool({"qemu-img", "check", "-q", "-f", file.format, subject.image()}, check_limit);
  if (check.status != 0) return failed(fmt::format("qemu-img check: {}", trimmed(check.out + check.err)));
  return passed();
}

Verdict check_partition_table(Subject& subject) {
  return with_table(subject, [&](const json& table) {
    const auto label = table.value("label", std::string());
    if (subject.manifest().profile.firmware == "bios") {
      return label == "gpt" || label == "dos" ? passed(label) : failed("the table is " + label);
    }
    if (label != "gpt") return failed(fmt::format("the table is {}, UEFI needs gpt", label));
    if (!has_type(table, efi_system_partition)) return failed("there is no EFI system partition");
    return passed(label);
  });
}

Verdict check_recovery_partition(Subject& subject) {
  return with_table(subject, [](const json& table) {
    return has_type(table, recovery_partition) || has_type(table, "27") ? failed("there is a recovery partition")
                                                                        : passed();
  });
}

/// Windows gives a disk a new identifier when another disk has the same: the customer's may be rewritten.
Verdict check_disk_identifier(Subject& subject) {
  return with_table(subject, [](const json& table) {
    const auto id = table.value("id", std::string());
    if (id.find_first_not_of("0x-") == std::string::npos) return failed("the disk has no identifier");
    if (table.value("label", std::string()) == "gpt" && !is_random_guid(id)) {
      return failed(fmt::format("the disk's GUID {} is not a random one", id));
    }
    return passed(id);
  });
}

}  // namespace rescue::verify

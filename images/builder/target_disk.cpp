// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/target_disk.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/subprocess.hpp"
#include "images/builder/stop_on_signal.hpp"
#include "images/builder/work_folder.hpp"
#include "images/vm/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <vector>

namespace rescue::builder {
namespace {

constexpr Milliseconds glance_at_convert{250};
constexpr Milliseconds longest_check{1'800'000};
/// A disk of 40 GiB at 10 MiB/s, and some.
constexpr int most_glances = 4 * 3600 * 2;

/// qemu-img -p prints "(12.34/100%)" again and again.
std::optional<unsigned> percent_in(const std::string& words) {
  const auto begin = words.rfind('(');
  if (begin == std::string::npos) return std::nullopt;
  unsigned share = 0;
  const auto parsed = std::from_chars(words.data() + begin + 1, words.data() + words.size(), share);
  if (parsed.ec != std::errc() || share > 100) return std::nullopt;
  return share;
}

void convert(const Shrinking& shrinking, const std::stop_token& stop) {
  std::vector<std::string> argv{"qemu-img", "convert", "-p", "-f", "raw", "-O", "qcow2"};
  if (shrinking.compress) argv.insert(argv.end(), {"-c", "-o", "compression_type=zstd"});
  argv.insert(argv.end(), {shrinking.disk, shrinking.image});
  const auto folder = std::filesystem::path(shrinking.image).parent_path().string();
  vm::ChildProcess process(argv, shrinking.log, {});
  for (int glance = 0; !process.wait(glance_at_convert); ++glance) {
    throw_if_stopped(stop);
    require_reserve(folder);
    if (const auto share = percent_in(process.last_words())) shrinking.report(*share);
    if (glance == most_glances) throw Error(ErrorCode::timeout, "qemu-img convert did not end within 2 hours");
  }
  if (*process.status() == 0) return;
  throw Error(ErrorCode::subprocess,
              fmt::format("qemu-img convert failed with {}: {}", *process.status(), process.last_words()),
              "Look for room on the file system of --out.");
}

}  // namespace

void make_disk(const std::string& path, std::uint64_t bytes) {
  constexpr mode_t for_owner = 0600;
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, for_owner));
  if (!file || ::ftruncate(file.get(), static_cast<off_t>(bytes)) != 0) {
    throw system_error("cannot create the disk " + path, errno,
                       "Name a folder on a file system with files of that size by --out.");
  }
}

std::uint64_t used_room(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) throw system_error("cannot stat " + path, errno);
  constexpr std::uint64_t block = 512;  // of st_blocks, whatever the file system's are
  return static_cast<std::uint64_t>(status.st_blocks) * block;
}

void shrink(const Shrinking& shrinking, const std::stop_token& stop) {
  convert(shrinking, stop);
  Command check;
  check.argv = {"qemu-img", "check", "-q", shrinking.image};
  check.time_limit = longest_check;
  run_checked(check);
}

}  // namespace rescue::builder

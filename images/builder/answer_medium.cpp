// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/answer_medium.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/subprocess.hpp"
#include "images/builder/work_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace rescue::builder {
namespace {

constexpr mode_t only_ours = 0700;
constexpr mode_t secret_file = 0600;
constexpr std::size_t longest_joliet_name = 64;
constexpr const char* label = "RESCUE_ANSWERS";
constexpr std::uint64_t part_size = std::uint64_t{16} << 20;

/// A file that is written once, in parts.
class NewFile {
public:
  explicit NewFile(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, secret_file)) {
    if (!fd_) throw system_error("cannot create " + path, errno);
  }
  void append(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto written = ::write(fd_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw system_error("cannot write " + path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

private:
  std::string path_;
  FileDescriptor fd_;
};

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(ErrorCode::usage, fmt::format("the answer medium can't have {}: {}", name, why),
              "Rename or remove this file, and build again.");
}

}  // namespace

AnswerMedium::AnswerMedium(std::string staging) : staging_(std::move(staging)) { make_folder(staging_, only_ours); }

AnswerMedium::~AnswerMedium() {
  if (!secret_.empty()) wipe_file(staging_ + "/" + secret_);
  std::error_code ignored;
  std::filesystem::remove_all(staging_, ignored);
}

void AnswerMedium::check(const std::string& name, std::uint64_t size) {
  for (const auto& part : std::filesystem::path(name)) {
    const auto text = part.string();
    if (text.empty() || text == "." || text == ".." || text == "/") refuse(name, "it is no plain path");
    if (text.size() > longest_joliet_name)
      refuse(name, fmt::format("a name has at most {} characters", longest_joliet_name));
    if (text.find_first_of("*:;?\\\"<>|") != std::string::npos) refuse(name, "Windows doesn't take its characters");
  }
  size_ += size;
  if (size_ > largest) refuse(name, fmt::format("all files together have at most {} MiB", largest >> 20U));
  make_folder(std::filesystem::path(staging_ + "/" + name).parent_path().string(), only_ours);
  if (std::filesystem::exists(staging_ + "/" + name)) refuse(name, "there is one already");
}

void AnswerMedium::add(const std::string& name, std::string_view content) {
  check(name, content.size());
  NewFile(staging_ + "/" + name).append(content);
}

void AnswerMedium::add_secret(const std::string& name, std::string_view content) {
  secret_ = name;
  add(name, content);
}

void AnswerMedium::add_from(const media::Medium& medium, const std::string& folder, const std::string& as) {
  const auto files = medium.below(folder);
  if (files.empty()) {
    throw Error(ErrorCode::precondition,
                fmt::format("{} has no files in {}", medium.name(), folder.empty() ? "it" : folder),
                "Use a complete medium.");
  }
  const auto skipped = folder.empty() ? 0 : folder.size() + 1;
  for (const auto* file : files) add_file_from(medium, file->path, as + "/" + file->path.substr(skipped));
}

void AnswerMedium::add_file_from(const media::Medium& medium, const std::string& path, const std::string& as) {
  const auto* const file = medium.find(path);
  if (file == nullptr) {
    throw Error(ErrorCode::precondition, fmt::format("{} has no {}", medium.name(), path), "Use a complete medium.");
  }
  check(as, file->size);
  const NewFile copy(staging_ + "/" + as);
  for (std::uint64_t at = 0; at < file->size; at += part_size) {
    copy.append(medium.read(*file, at, static_cast<std::size_t>(std::min(part_size, file->size - at))));
  }
}

void AnswerMedium::write_iso(const std::string& path) const {
  // xorriso writes to the file that is there, with its mode.
  const NewFile medium(path);
  Command command;
  command.argv = {"xorriso", "-as", "mkisofs", "-quiet", "-V", label, "-J", "-R", "-o", path, staging_};
  constexpr Milliseconds enough{600'000};
  command.time_limit = enough;
  try {
    run_checked(command);
  } catch (const Error& failure) {
    throw Error(failure.code(), std::string("the answer medium can't be made: ") + failure.what(),
                failure.hint().empty() ? "Install the package xorriso, and look for room on the file system."
                                       : failure.hint());
  }
}

}  // namespace rescue::builder

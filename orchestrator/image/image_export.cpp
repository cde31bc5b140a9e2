// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/image/image_export.hpp"

#include "core/back_off.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/log.hpp"
#include "core/subprocess.hpp"
#include "core/text.hpp"
#include "images/stream/export_protocol.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include <charconv>
#include <csignal>
#include <filesystem>

namespace rescue::image {
namespace {

namespace exporter = stream::exporter;

constexpr Milliseconds start_limit{30'000};
constexpr Milliseconds stop_limit{25'000};  // a new exporter heeds no signal until it serves, for 20 s
constexpr Milliseconds poll_pause{20};

}  // namespace

void ImageExport::start(stream::Settings settings) {
  settings.status = status_path();
  const auto text = settings.json().dump(2) + "\n";
  if (runs()) {
    if (read_file_if_exists(settings_path()) == text) {
      log::info("adopted the export of the image (process {})", pid());
      return;
    }
    stop();
  }
  end_orphan();
  make_folder_of(options_.folder, 0711, ::geteuid(), ::getegid());
  write_file_atomically(settings_path(), text, 0600);
  remove_file_durably(status_path());
  Command command;
  command.argv = {options_.program, "--socket", socket(), "--settings", settings_path()};
  const auto group = options_.group ? options_.group() : std::string{};
  if (!group.empty()) command.argv.insert(command.argv.end(), {"--group", group});
  command.time_limit = start_limit;
  const auto completed = run(command);
  if (completed.status == exporter::serving && !completed.timed_out) return;
  throw Error(ErrorCode::unavailable,
              fmt::format("the image can't be streamed: {}",
                          completed.timed_out ? "its exporter did not start in time" : last_message()),
              fmt::format("See {}{}.", socket(), exporter::log_suffix));
}

void ImageExport::end_orphan() const {
  const auto last = status();
  if (!last || last->pid <= 0) return;
  const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, last->pid, 0)));
  if (!handle) return;
  // The number may be another process's by now: ours has these settings on its command line.
  const auto line = read_file_if_exists(fmt::format("/proc/{}/cmdline", last->pid)).value_or("");
  if (line.find("settings=" + settings_path()) == std::string::npos) return;
  log::warning("nbdkit has outlived the exporter of the image: killing process {}", last->pid);
  ::syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0);
  constexpr int limit_ms = 5'000;
  pollfd ended{handle.get(), POLLIN, 0};
  ::poll(&ended, 1, limit_ms);
}

bool ImageExport::wanted() const { return std::filesystem::exists(settings_path()); }

void ImageExport::restart_if_ended() {
  if (!wanted() || runs()) return;
  log::warning("the exporter of the image has ended; starting it again");
  start(stream::Settings::parse(Document::from_file(settings_path())));
}

void ImageExport::stop() {
  remove_file_durably(settings_path());
  const auto process = pid();
  if (process == 0) return;
  // By a pidfd and a second look: the number can't have become another process's in between.
  const FileDescriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  if (handle && pid() == process) ::syscall(SYS_pidfd_send_signal, handle.get(), SIGTERM, nullptr, 0);
  if (poll_until(clock_, stop_limit, poll_pause, [this] { return !runs(); })) return;
  throw Error(ErrorCode::timeout, fmt::format("the exporter of the image (process {}) does not end", process),
              "See what it is doing: ps, /proc/PID/stack.");
}

std::optional<stream::StatusSummary> ImageExport::status() const { return stream::read_status(status_path()); }

int ImageExport::pid() const {
  const auto path = socket() + exporter::lock_suffix;
  const FileDescriptor lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!lock || ::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) return 0;
  const auto text = read_file(path);
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string ImageExport::last_message() const {
  const auto text = trimmed(read_file_if_exists(socket() + exporter::log_suffix).value_or(""));
  const auto line = text.find_last_of('\n');
  const auto last = line == std::string::npos ? text : text.substr(line + 1);
  return last.empty() ? "it has left no message" : last;
}

}  // namespace rescue::image

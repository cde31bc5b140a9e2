// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Starts, adopts and ends rescue-export, which serves a streamed image to QEMU and outlives rescued.

#include "core/clock.hpp"
#include "images/stream/settings.hpp"
#include "images/stream/status.hpp"

#include <functional>
#include <optional>
#include <string>

namespace rescue::image {

struct ExportOptions {
  std::string program;  ///< path of rescue-export
  std::string folder;   ///< of socket, settings and status; made with mode 0711
  /// Name or number of the group that may connect, besides root: QEMU's; empty: none. Asked when an export starts.
  std::function<std::string()> group;
};

/// Not thread-safe, and one for each folder.
class ImageExport {
public:
  ImageExport(ExportOptions options, Clock& clock) : options_(std::move(options)), clock_(clock) {}

  /// Serves by these settings; `status` of the settings is set here. Keeps an export that runs with the same settings,
  /// so it is idempotent; replaces one with others. Blocks for 30 s at most. Throws `unavailable` with the exporter's
  /// last message.
  void start(stream::Settings settings);
  /// Starts the export again with its last settings if it has ended. Does nothing after `stop`, or if none was started.
  /// Blocks and throws as `start`.
  void restart_if_ended();
  /// Whether an export was started and not stopped, by this process or an earlier one.
  [[nodiscard]] bool wanted() const;
  /// Ends the export, if one runs. Idempotent. Blocks for 25 s at most. Throws `timeout`.
  void stop();

  [[nodiscard]] bool runs() const { return pid() != 0; }
  /// State of the export; none before its first report.
  [[nodiscard]] std::optional<stream::StatusSummary> status() const;
  /// For qemu-img and libvirt: "nbd+unix:///?socket=/run/rescue/image/nbd.sock".
  [[nodiscard]] std::string uri() const { return "nbd+unix:///?socket=" + socket(); }

private:
  [[nodiscard]] std::string socket() const { return options_.folder + "/nbd.sock"; }
  [[nodiscard]] std::string settings_path() const { return options_.folder + "/settings.json"; }
  [[nodiscard]] std::string status_path() const { return options_.folder + "/status.json"; }
  /// Kills an nbdkit that has outlived its rescue-export: it holds the cache as long as its client is connected and
  /// silent, as QEMU of a paused guest is.
  void end_orphan() const;
  /// Process that holds the lock; 0: none.
  [[nodiscard]] int pid() const;
  [[nodiscard]] std::string last_message() const;

  ExportOptions options_;
  Clock& clock_;
};

}  // namespace rescue::image

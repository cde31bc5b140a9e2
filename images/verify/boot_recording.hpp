// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records what a guest reads of its image while it boots, as a boot profile for streaming (docs/streaming.md).

#include "images/manifest.hpp"
#include "images/vm/child_process.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::verify {

/// Serves the image's file through nbdkit, which logs each read.
class BootRecording {
public:
  /// Starts nbdkit. `scratch` is a private folder. Throws `subprocess` if nbdkit does not serve the file.
  BootRecording(const std::string& image, const std::string& scratch);

  /// Place of the image for QEMU: an NBD URI.
  [[nodiscard]] std::string uri() const { return "nbd+unix:///?socket=" + socket_; }
  /// Chunks of the file in the order of their first reads so far.
  [[nodiscard]] std::vector<std::size_t> chunks(std::uint64_t chunk_size) const;

private:
  std::string socket_;
  std::string log_;
  std::unique_ptr<vm::ChildProcess> server_;
};

/// Chunks in the order of their first reads, from the log of nbdkit's filter `log`: lines with "Read", "offset=0x..."
/// and "count=0x...". Other lines are ignored.
[[nodiscard]] std::vector<std::size_t> chunks_in_log(std::string_view log, std::uint64_t chunk_size);

/// Chunk size of the file's digests, or the default if it has none.
[[nodiscard]] std::uint64_t chunk_size_of(const images::ImageFile& file, const std::string& folder);

}  // namespace rescue::verify

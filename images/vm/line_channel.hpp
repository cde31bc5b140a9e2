// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Lines over a socket with a deadline and a limit: QMP and the guest agent both send one JSON text a line.

#include "core/clock.hpp"
#include "core/handle.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rescue::vm {

/// Both ends of a connected pair of sockets, closed on exec. Throws `io`.
[[nodiscard]] std::pair<FileDescriptor, FileDescriptor> socket_pair();

class LineChannel {
public:
  /// `peer` is for messages: "QEMU". Lines of more than `longest` bytes are an error.
  LineChannel(FileDescriptor socket, std::string peer, std::size_t longest);

  /// Sends the text and a line feed. Throws `timeout` at the deadline, `unavailable` when the peer has gone.
  void send(std::string_view text, SteadyTime deadline);
  /// The next line without its line feed; none at the deadline. Throws `unavailable` when the peer has gone, and `io`
  /// once for a line that is too long; the next call goes on behind it.
  [[nodiscard]] std::optional<std::string> receive(SteadyTime deadline);

private:
  [[nodiscard]] std::optional<std::string> take_line();
  [[nodiscard]] bool wait_for(short events, SteadyTime deadline);
  void read_more();

  FileDescriptor socket_;
  std::string peer_;
  std::size_t longest_;
  std::string buffer_;
  bool skipping_ = false;  ///< the rest of a line that was too long
};

}  // namespace rescue::vm

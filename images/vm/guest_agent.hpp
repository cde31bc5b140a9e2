// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Client of QEMU's guest agent over its virtio-serial channel (docs/interop/qemu-ga-ref of QEMU). The guest is hostile:
// each answer is limited, each wait has a deadline, each text is made printable.

#include "core/guest_agent/protocol.hpp"
#include "core/secret.hpp"
#include "images/vm/line_channel.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rescue::vm {

/// Network interface as the guest reports it.
struct GuestInterface {
  std::string name;
  std::string mac;                     ///< empty: none
  std::vector<std::string> addresses;  ///< "10.0.2.15/24"
};

/// For one thread. Except where noted, calls throw `guest_agent` if the agent refuses or its answer is invalid,
/// `timeout` if there is none in time, and `unavailable` if QEMU has ended.
class GuestAgent {
public:
  static constexpr Milliseconds usual_limit{15'000};
  static constexpr std::size_t largest_file = std::size_t{16} << 20U;

  explicit GuestAgent(FileDescriptor socket);

  /// Sends guest-sync-delimited and drops what earlier calls have left. Each call below that begins a conversation does
  /// it by itself after a failure. False if there is no answer within `limit`.
  [[nodiscard]] bool sync(Milliseconds limit);
  /// Waits until the agent answers, for at most `limit`; false if it does not.
  [[nodiscard]] bool wait_until_ready(Milliseconds limit);
  /// True if it answers a ping within `limit`. Does not throw for a silent guest.
  [[nodiscard]] bool pings(Milliseconds limit);

  /// Version of the agent: "7.2.0".
  [[nodiscard]] std::string version();
  /// Runs a program by argument vector and waits for its end. Throws `timeout` after `limit`; it may still run then.
  [[nodiscard]] agent::CommandResult run(const std::vector<std::string>& argv, Milliseconds limit);
  /// Reads a file of the guest. Throws `guest_agent` if it is larger than `largest`.
  [[nodiscard]] std::string read_file(const std::string& path, std::size_t largest = largest_file);
  /// Writes a file of the guest, new or anew.
  void write_file(const std::string& path, std::string_view content);
  /// Sets the password of an existing account.
  void set_password(const std::string& user, const Secret& password);
  [[nodiscard]] std::vector<GuestInterface> interfaces();

  enum class Shutdown { power_down, reboot };
  /// Asks for a shutdown. There is no answer when it succeeds: the caller waits for its effect.
  void request_shutdown(Shutdown how);

  /// Result of any other command. `arguments` may be empty.
  nlohmann::json execute(const std::string& command, nlohmann::json arguments = nlohmann::json::object(),
                         Milliseconds limit = usual_limit);

private:
  /// The answer as text, for the functions of core/guest_agent/protocol.hpp.
  std::string converse(std::string_view request, const std::string& command, Milliseconds limit);

  LineChannel channel_;
  std::uint32_t last_sync_ = 0;
  bool in_step_ = false;  ///< no answer of an earlier command can come
};

}  // namespace rescue::vm

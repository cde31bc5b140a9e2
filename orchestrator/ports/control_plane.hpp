// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ports to what is outside the host: the control plane, and each layer that decides what the server boots.

#include "core/clock.hpp"

#include <stop_token>
#include <string>

namespace rescue::ports {

class ControlPlane {
public:
  virtual ~ControlPlane() = default;
  /// Throws `unavailable` if the control plane does not answer within `limit`.
  virtual void check(Milliseconds limit, std::stop_token stop) = 0;
  /// URL for messages: "http://198.51.100.1:8080"; empty if none is configured.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// Layer of the boot decision: the provider's netboot service, the BMC, EFI.
class BootControl {
public:
  virtual ~BootControl() = default;
  [[nodiscard]] virtual std::string layer() const = 0;
  /// Current state, for people: "disk", "rescue-windows", ...
  [[nodiscard]] virtual std::string mode() = 0;
  /// True if a session must be refused when the layer can't be read: nobody else would set it back.
  [[nodiscard]] virtual bool required() const { return false; }
  /// Reads the layer's state for `restore_disk` after a session, also by another process. Changes nothing. Empty if
  /// there is nothing to store.
  [[nodiscard]] virtual std::string snapshot() { return {}; }
  /// Sets the layer back to the disk, or to `snapshot` (empty: none was taken) unless that netboots again, and reads it
  /// back. One attempt; throws `unavailable` if a retry may help. Idempotent. Returns what it changed, for people;
  /// empty if nothing.
  virtual std::string restore_disk(const std::string& snapshot, std::stop_token stop) = 0;
};

}  // namespace rescue::ports

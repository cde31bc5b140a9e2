// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Client of the provider's netboot service: its liveness, and this server's boot mode.

#include "core/http/client.hpp"
#include "orchestrator/ports/control_plane.hpp"

#include <string>

namespace rescue::boot {

/// Checks netbootd's liveness. Without a URL there is no control plane: do not call `check`.
class NetbootControlPlane final : public ports::ControlPlane {
public:
  NetbootControlPlane(std::string url, http::ClientOptions options);
  void check(Milliseconds limit, std::stop_token stop) override;
  [[nodiscard]] std::string name() const override { return url_; }

private:
  std::string url_;
  http::ClientOptions options_;
};

/// Server's boot mode at netbootd: a layer of the boot decision.
class NetbootBootControl final : public ports::BootControl {
public:
  /// Leases that setting the mode to disk ends: any lease, or only that of the token's session. In the second case a
  /// lease of somebody else afterwards is no failure.
  enum class Ends { any_lease, own_lease };

  /// `token`: the host agent's; it may only set this server's mode to disk.
  NetbootBootControl(const std::string& server, http::ClientOptions options, Secret token, Ends ends = Ends::any_lease);
  [[nodiscard]] std::string layer() const override { return "netboot"; }
  [[nodiscard]] bool required() const override { return true; }
  [[nodiscard]] std::string mode() override;
  std::string restore_disk(const std::string& snapshot, std::stop_token stop) override;

private:
  [[nodiscard]] std::string mode(std::stop_token stop);

  std::string path_;
  http::Client client_;
  Ends ends_;
};

}  // namespace rescue::boot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The provider's netboot service, as rescued sees it: is it there, and what does this server boot next.

#include "core/http/client.hpp"
#include "orchestrator/ports/control_plane.hpp"

#include <string>

namespace rescue::boot {

/// netbootd's liveness. Without a URL there is no control plane, and `check` is not to be called.
class NetbootControlPlane final : public ports::ControlPlane {
public:
  NetbootControlPlane(std::string url, http::ClientOptions options);
  void check(Milliseconds limit, std::stop_token stop) override;
  [[nodiscard]] std::string name() const override { return url_; }

private:
  std::string url_;
  http::ClientOptions options_;
};

/// The server's boot mode at netbootd: one layer of the boot decision.
class NetbootBootControl final : public ports::BootControl {
public:
  /// What setting the mode to disk ends: whatever lease there is, or only that of the session that the token was given
  /// for. In the second case another's lease that is there afterwards is nothing that was left undone.
  enum class Ends { any_lease, own_lease };

  /// `token` is the host agent's: it may set this server's mode to disk, and nothing else.
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

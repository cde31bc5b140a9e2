// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Hand-over of the boot: URL of the control plane, name of this server, and token of this boot.

#include "core/document.hpp"
#include "core/secret.hpp"
#include "orchestrator/ports/agent_channel.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rescue::boot {

/// Folders of the hand-over and of what rescued makes of it; both in RAM.
struct HandOverPaths {
  std::string boot_folder = "/run/rescue/boot";  ///< control-plane.json and ca.pem, written by the initrd
  std::string runtime_folder = "/run/rescue";    ///< agent.token and agent.json: rescued's own
};

/// Hand-over of one boot. The agent token is created once per boot and survives a restart of rescued; the boot token is
/// deleted as soon as it is redeemed.
class HandOver {
public:
  /// Reads the hand-over of this boot, or what an earlier rescued made of it; none if there is none. Throws
  /// `config_invalid` or `io` if it can't be parsed.
  [[nodiscard]] static std::optional<HandOver> find(const HandOverPaths& paths);

  [[nodiscard]] const std::string& url() const { return url_; }
  /// URL of the same control plane for firmware; empty: unknown.
  [[nodiscard]] const std::string& boot_url() const { return boot_url_; }
  /// URLs of other netbootds that relay consoles; each is closed to the guest, as the two above.
  [[nodiscard]] const std::vector<std::string>& relay_urls() const { return relay_urls_; }
  [[nodiscard]] const std::string& server() const { return server_; }
  /// CA file; empty: the system's.
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }
  [[nodiscard]] const Secret& agent_token() const { return agent_token_; }
  /// Boot token; empty once it is redeemed.
  [[nodiscard]] const Secret& boot_token() const { return boot_token_; }
  [[nodiscard]] std::string agent_token_sha256() const;
  /// Answer to redeeming; none before that.
  [[nodiscard]] const std::optional<ports::Redemption>& redemption() const { return redemption_; }
  /// Stores the answer, and deletes the boot token.
  void redeemed(ports::Redemption redemption);

private:
  void read_boot_token();
  void read_boot_url(const Field& root);
  void read_relay_urls(const Field& root);
  void read_redemption();
  void keep_agent_token();
  [[nodiscard]] std::string handed_over() const { return paths_.boot_folder + "/control-plane.json"; }
  [[nodiscard]] std::string kept() const { return paths_.runtime_folder + "/agent.json"; }

  HandOverPaths paths_;
  std::string url_;
  std::string boot_url_;
  std::vector<std::string> relay_urls_;
  std::string server_;
  std::string ca_file_;
  std::string boot_token_sha256_;  ///< identifies the boot if the runtime folder has outlived it
  Secret boot_token_;
  Secret agent_token_;
  std::optional<ports::Redemption> redemption_;
};

}  // namespace rescue::boot

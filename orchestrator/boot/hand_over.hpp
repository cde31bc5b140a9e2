// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the boot has handed over: where the control plane is, who this server is to it, and the token of this boot.

#include "core/document.hpp"
#include "core/secret.hpp"
#include "orchestrator/ports/agent_channel.hpp"

#include <optional>
#include <string>

namespace rescue::boot {

/// Where the hand-over lies, and where rescued keeps what it made of it; both in RAM.
struct HandOverPaths {
  std::string boot_folder = "/run/rescue/boot";  ///< control-plane.json and ca.pem: the initrd puts them here
  std::string runtime_folder = "/run/rescue";    ///< agent.token and agent.json: rescued's own
};

/// One boot's hand-over. The agent token is made once a boot and outlives a restart of rescued; the boot token is
/// deleted as soon as it is used up.
class HandOver {
public:
  /// None when nothing was handed over, in this boot, to this rescued or the one before it. Throws `config_invalid` or
  /// `io` when it can't be understood.
  [[nodiscard]] static std::optional<HandOver> find(const HandOverPaths& paths);

  [[nodiscard]] const std::string& url() const { return url_; }
  /// Where firmware reaches the same control plane; empty: not said.
  [[nodiscard]] const std::string& boot_url() const { return boot_url_; }
  [[nodiscard]] const std::string& server() const { return server_; }
  /// Empty: the system's.
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }
  [[nodiscard]] const Secret& agent_token() const { return agent_token_; }
  /// Empty once it is redeemed.
  [[nodiscard]] const Secret& boot_token() const { return boot_token_; }
  [[nodiscard]] std::string agent_token_sha256() const;
  /// What redeeming gave; none before that.
  [[nodiscard]] const std::optional<ports::Redemption>& redemption() const { return redemption_; }
  /// Writes it down, and deletes the boot token.
  void redeemed(ports::Redemption redemption);

private:
  void read_boot_token();
  void read_boot_url(const Field& root);
  void read_redemption();
  void keep_agent_token();
  [[nodiscard]] std::string handed_over() const { return paths_.boot_folder + "/control-plane.json"; }
  [[nodiscard]] std::string kept() const { return paths_.runtime_folder + "/agent.json"; }

  HandOverPaths paths_;
  std::string url_;
  std::string boot_url_;
  std::string server_;
  std::string ca_file_;
  std::string boot_token_sha256_;  ///< tells one boot from another where the runtime folder has outlived it
  Secret boot_token_;
  Secret agent_token_;
  std::optional<ports::Redemption> redemption_;
};

}  // namespace rescue::boot

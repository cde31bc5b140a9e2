// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A guest agent in memory: it may never answer, refuse a password or fail, and remembers settings in the guest.

#include "core/error.hpp"
#include "orchestrator/ports/guest_agent.hpp"
#include "tests/doubles/fake_hypervisor.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rescue::tests {

/// Lives in the guests of a FakeHypervisor: no guest, no agent; a restarted guest has no password.
class FakeGuestAgent final : public ports::GuestAgent {
public:
  explicit FakeGuestAgent(FakeHypervisor& hypervisor) : hypervisor_(&hypervisor) {}

  bool never_answers = false;             ///< wait_until_ready times out (at once), other calls too
  int silent_waits = 0;                   ///< that many calls of wait_until_ready time out first
  std::optional<Error> password_failure;  ///< thrown by set_password while set
  std::optional<Error> run_failure;       ///< thrown by run while set
  std::optional<Error> write_failure;     ///< thrown by write_file while set
  std::string known_user = "Administrator";
  /// Effect of programs in the guest; by default they all succeed silently.
  std::function<ports::AgentCommandResult(const std::vector<std::string>& argv)> program =
      [](const std::vector<std::string>&) { return ports::AgentCommandResult{}; };
  /// Called with "set_password", "run" or "write_file" once the effect is there: throw here to be killed at that point.
  std::function<void(const std::string& call)> after_effect;

  int wait_calls = 0;
  int ping_calls = 0;
  int password_calls = 0;
  std::vector<std::vector<std::string>> commands;           ///< commands that were run, in order
  std::map<std::string, std::string> files;                 ///< path: content
  std::vector<std::pair<std::string, std::string>> writes;  ///< each write of a file, in order

  void wait_until_ready(const std::string& guest, Milliseconds limit, std::stop_token stop) override {
    const std::scoped_lock lock(mutex_);
    ++wait_calls;
    if (stop.stop_requested()) throw Error(ErrorCode::cancelled, "waiting for the guest agent was cancelled");
    hypervisor_->require_connection();
    if (!hypervisor_->runs(guest)) throw Error(ErrorCode::hypervisor, "the guest " + guest + " does not run");
    if (never_answers || silent_waits > 0) {
      if (silent_waits > 0) --silent_waits;
      throw Error(ErrorCode::timeout, "the guest agent did not answer within " + std::to_string(limit.count()) + " ms");
    }
  }

  bool answers(const std::string& guest, Milliseconds) override {
    const std::scoped_lock lock(mutex_);
    ++ping_calls;
    hypervisor_->require_connection();
    return !never_answers && hypervisor_->runs(guest);
  }

  void set_password(const std::string& guest, const std::string& user, const Secret& password) override {
    {
      const std::scoped_lock lock(mutex_);
      ++password_calls;
      require_agent(guest);
      if (password_failure) throw Error(*password_failure);
      if (user != known_user) throw Error(ErrorCode::guest_agent, "the guest has no account " + user);
      passwords_[guest] = {hypervisor_->boots_of(guest), std::string(password.reveal())};
    }
    if (after_effect) after_effect("set_password");
  }

  ports::AgentCommandResult run(const std::string& guest, const std::vector<std::string>& argv, Milliseconds) override {
    ports::AgentCommandResult result;
    {
      const std::scoped_lock lock(mutex_);
      require_agent(guest);
      if (run_failure) throw Error(*run_failure);
      commands.push_back(argv);
      result = program(argv);
    }
    if (after_effect) after_effect("run");
    return result;
  }

  void write_file(const std::string& guest, const std::string& path, std::string_view content) override {
    {
      const std::scoped_lock lock(mutex_);
      require_agent(guest);
      if (write_failure) throw Error(*write_failure);
      files[path] = content;
      writes.emplace_back(path, content);
    }
    if (after_effect) after_effect("write_file");
  }

  /// Whether a login with this password works in the guest now. For FakeAccessProbe::accepts.
  [[nodiscard]] bool accepts(const std::string& guest, const std::string& user, std::string_view password) const {
    const std::scoped_lock lock(mutex_);
    const auto found = passwords_.find(guest);
    return found != passwords_.end() && hypervisor_->runs(guest) && user == known_user &&
           found->second.first == hypervisor_->boots_of(guest) && found->second.second == password;
  }

private:
  void require_agent(const std::string& guest) const {
    hypervisor_->require_connection();
    if (!hypervisor_->runs(guest)) throw Error(ErrorCode::hypervisor, "the guest " + guest + " does not run");
    if (never_answers) throw Error(ErrorCode::timeout, "the guest agent did not answer");
  }

  FakeHypervisor* hypervisor_;
  mutable std::mutex mutex_;
  std::map<std::string, std::pair<int, std::string>> passwords_;  ///< guest -> boot it was set in, password
};

}  // namespace rescue::tests

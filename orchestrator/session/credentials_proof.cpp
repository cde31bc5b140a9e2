// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/credentials_proof.hpp"

#include "core/text.hpp"
#include "orchestrator/session/guest_setup.hpp"
#include "orchestrator/session/plan.hpp"
#include "orchestrator/session/system_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace rescue::session {
namespace {

using domain::RdpProof;
using domain::Readiness;

constexpr Milliseconds attempt_limit{20'000};
constexpr Milliseconds pause{250};
constexpr unsigned refusals_that_decide = 3;  ///< a guest may need some time to use a new password

class Prover {
public:
  Prover(SessionContext& context, const Secret& password)
      : context_(context), password_(password), target_{primary_address(context.plan().network.original),
                                                        context.plan().guest.profile.administrator},
        deadline_(context.ports.clock.now() + context.settings.deadlines.access) {}

  /// Where password logins are off, by a key of ours.
  domain::SshResult ssh_by_key() {
    context_.wait_for("an SSH login with a key through " + target_.address);
    auto result = log_in_by_own_key(context_);
    if (!result.problem.empty()) fail("SSH", result.problem);
    return result;
  }

  domain::SshResult ssh() {
    if (context_.record.wishes.keys_only == domain::WishState::proven) return ssh_by_key();
    context_.wait_for("an SSH login through " + target_.address);
    unsigned refusals = 0;
    for (;;) {
      const auto given = limit();
      const auto began = context_.ports.clock.now();
      auto result = context_.ports.probe.prove_ssh(target_, password_, given);
      if (result.readiness == Readiness::command_ran && is_user(result.command_output, target_.user)) return result;
      if (result.readiness == Readiness::command_ran) {
        result.problem = fmt::format("whoami answered '{}'", result.command_output);
      }
      // A banner without a login: the server is up and refuses the password, unless it was too slow to say so.
      if (result.readiness == Readiness::banner && was_quick(began, given) && ++refusals == refusals_that_decide) {
        // The guest may take keys only although that was not proven, or not written down before a crash.
        if (result.refused && may_take_keys_only()) return ssh_by_key();
        fail("SSH", result.problem);
      }
      pause_or_fail("SSH", result.problem);
    }
  }

  domain::RdpResult rdp() {
    context_.wait_for("an RDP handshake through " + target_.address);
    unsigned refusals = 0;
    for (;;) {
      const auto given = limit();
      const auto began = context_.ports.clock.now();
      auto result = context_.ports.probe.prove_rdp(target_, password_, given);
      if (result.proof == RdpProof::authenticated || result.proof == RdpProof::handshake_only) return result;
      if (result.nla && result.readiness == Readiness::banner && was_quick(began, given) &&
          ++refusals == refusals_that_decide) {
        fail("RDP", result.problem);
      }
      pause_or_fail("RDP", result.problem);
    }
  }

  [[nodiscard]] const ports::AccessTarget& target() const { return target_; }

private:
  [[nodiscard]] Milliseconds limit() const {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - context_.ports.clock.now());
    return std::clamp(left, Milliseconds(1), attempt_limit);
  }
  /// Whether an attempt ended by itself, and not because its time was over.
  [[nodiscard]] bool was_quick(SteadyTime began, Milliseconds given) const {
    return context_.ports.clock.now() - began < given * 9 / 10;
  }
  [[nodiscard]] bool may_take_keys_only() {
    const auto& request = context_.record.request;
    return request && request->auth == name_of(domain::SshAuth::keys_only) &&
           offers(context_, contract::GuestAction::ssh_keys);
  }
  [[noreturn]] void fail(const char* service, const std::string& problem) {
    throw Error(
        ErrorCode::access_unproven,
        fmt::format("a login by {} with the new credentials did not succeed: {}", service, problem),
        "Look at the guest's console and at `rescuectl logs`; is the service in the image, and its firewall open?");
  }
  void pause_or_fail(const char* service, const std::string& problem) {
    if (!context_.ports.clock.sleep_for(pause, context_.stop)) throw Error(ErrorCode::cancelled, "stopped on request");
    if (guest_is_gone()) {
      throw Error(ErrorCode::hypervisor, "the guest ended while its access was being proven",
                  "Look at its serial log and at `rescuectl logs`.");
    }
    if (const auto obstacle = obstacle_of_system_disk(context_); !obstacle.empty()) context_.wait_for(obstacle);
    if (context_.ports.clock.now() >= deadline_) fail(service, problem);
  }

  /// Ignores a libvirtd that is restarting: the guest may be well.
  bool guest_is_gone() {
    try {
      return context_.ports.hypervisor.state(context_.plan().guest.name) == domain::GuestState::absent;
    } catch (const Error&) {
      return false;
    }
  }

  SessionContext& context_;
  const Secret& password_;
  ports::AccessTarget target_;
  SteadyTime deadline_;
};

}  // namespace

bool is_user(const std::string& whoami, const std::string& user) {
  auto name = lower_case(whoami);
  name.erase(name.find_last_not_of(" \r\n") + 1);
  if (const auto backslash = name.rfind('\\'); backslash != std::string::npos) name.erase(0, backslash + 1);
  return name == lower_case(user);
}

domain::ConnectionData prove_access(SessionContext& context, const Secret& password) {
  Prover prover(context, password);
  const auto ssh = prover.ssh();
  const auto rdp = prover.rdp();
  return {prover.target().address, prover.target().user,        ssh.host_key_fingerprint,
          ssh.host_key_type,       rdp.certificate_fingerprint, rdp.proof,
          ssh.host_key_blob};
}

}  // namespace rescue::session

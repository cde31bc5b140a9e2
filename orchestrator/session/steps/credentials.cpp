// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// provision-guest: sets a new Administrator password in the guest; verify-access: proves it by a login; announce:
// delivers the credentials. They have no undo: the password goes with the guest's throw-away disk.
#include "orchestrator/session/steps/credentials.hpp"

#include "core/log.hpp"
#include "orchestrator/session/credentials_proof.hpp"
#include "orchestrator/session/guest_setup.hpp"
#include "orchestrator/session/steps/session_step.hpp"
#include "orchestrator/session/steps/steps.hpp"
#include "orchestrator/session/system_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace rescue::session {
namespace {

void set_hostname(SessionContext& context) {
  auto argv = context.plan().guest.profile.set_hostname;
  if (argv.empty() || context.settings.guest_hostname.empty()) return;
  for (auto& argument : argv) {
    const std::string placeholder = "{hostname}";
    if (const auto at = argument.find(placeholder); at != std::string::npos) {
      argument.replace(at, placeholder.size(), context.settings.guest_hostname);
    }
  }
  try {
    const auto result =
        context.ports.agent.run(context.plan().guest.name, argv, context.settings.deadlines.provisioning);
    if (result.exit_code == 0) return;
    context.record.warn(fmt::format("the guest's hostname was not set: {}", result.output));
  } catch (const Error& error) {
    // A wrong hostname does not prevent access: the session continues.
    context.record.warn(fmt::format("the guest's hostname was not set: {}", error.what()));
  }
}

/// After a crash the password is lost: these steps run again, with a new one.
class CredentialsStep : public SessionStep {
public:
  using SessionStep::SessionStep;
  bool reapply() final { return false; }
};

class ProvisionGuest final : public CredentialsStep {
public:
  explicit ProvisionGuest(SessionContext& context) : CredentialsStep(context, domain::StepName::provision_guest) {}

  void apply() override {
    wait_for_agent();
    set_password();
    set_hostname(context());
    set_up_guest(context());
  }

private:
  /// Waits in slices: a guest whose system disk fails while it boots is looked after in between.
  void wait_for_agent() {
    constexpr Milliseconds slice{5'000};
    auto left = context().settings.deadlines.guest_agent;
    for (std::string obstacle;; obstacle = obstacle_of_system_disk(context())) {
      context().wait_for(obstacle.empty() ? "the guest agent" : obstacle);
      const auto limit = std::min(left, slice);
      try {
        return context().ports.agent.wait_until_ready(context().plan().guest.name, limit, context().stop);
      } catch (const Error& error) {
        if (error.code() != ErrorCode::timeout) throw;
        left -= limit;
        if (left <= Milliseconds(0)) give_up(obstacle);
      }
    }
  }
  /// Sets it again if the guest's system disk failed meanwhile.
  void set_password() {
    constexpr unsigned attempts = 5;
    for (unsigned attempt = 1;; ++attempt) {
      context().wait_for("the guest agent to set the password");
      try {
        context().password = set_new_password(context());
        return;
      } catch (const Error& error) {
        if (attempt == attempts || obstacle_of_system_disk(context()).empty()) throw;
        log::warning("the password is set again: {}", error.what());
      }
      wait_for_agent();
    }
  }
  [[noreturn]] void give_up(const std::string& obstacle) {
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>(context().settings.deadlines.guest_agent);
    if (obstacle.empty()) {
      throw Error(ErrorCode::timeout, fmt::format("the guest agent did not answer within {} s", limit.count()),
                  "Look at the guest's console; is the agent in the image? Or raise deadlines.guest_agent.");
    }
    throw Error(ErrorCode::timeout, fmt::format("the guest did not start within {} s: {}", limit.count(), obstacle),
                "Look at `rescuectl logs`, and at the servers of the image.");
  }
};

class VerifyAccess final : public CredentialsStep {
public:
  explicit VerifyAccess(SessionContext& context) : CredentialsStep(context, domain::StepName::verify_access) {}

  void apply() override {
    const auto& connection = context().record.connection = prove_access(context(), context().password.value());
    put_ssh_keys(context(), context().password.value());
    const auto keys = context().record.wishes.ssh_keys;
    note(fmt::format("ssh: logged in; rdp: {}{}{}", name_of(connection->rdp_proof),
                     keys == domain::WishState::not_asked ? "" : "; ssh keys: ",
                     keys == domain::WishState::not_asked ? "" : name_of(keys)));
  }
};

/// From here on the session serves, even if the credentials were not collected.
class Announce final : public CredentialsStep {
public:
  explicit Announce(SessionContext& context) : CredentialsStep(context, domain::StepName::announce) {}

  void apply() override {
    const auto to = deliver(context(), context().password.value());
    context().password.reset();
    if (to.empty()) {
      note("nobody was waiting: `rescuectl credentials rotate` gives new ones");
    } else {
      context().record.announced = domain::Announcement{context().ports.clock.wall(), to};
      note("to " + to);
    }
    context().record.phase = domain::Phase::serving;
  }
};

}  // namespace

Secret set_new_password(SessionContext& context) {
  const auto& guest = context.plan().guest;
  auto password = credentials::generate_password(context.settings.password);
  context.ports.agent.set_password(guest.name, guest.profile.administrator, password);
  return password;
}

std::string deliver(SessionContext& context, const Secret& password) {
  auto& record = context.record;
  record.take_back(domain::WarningCode::credentials_not_delivered);
  context.wait_for("somebody to take the credentials");
  ports::Recipients recipients{record.server, record.request ? record.request->session : std::string{}};
  if (record.request) {
    recipients.public_key = record.request->requester_public_key;
    recipients.link = record.request->link;
  }
  const auto told = context.ports.announcer.announce(record.connection.value(), password, recipients,
                                                     context.settings.deadlines.announcement, context.stop);
  if (!told.problem.empty()) {
    record.warn(fmt::format("the credentials were not delivered: {}; delivery is retried, and `rescuectl credentials "
                            "rotate` gives new ones",
                            told.problem),
                domain::WarningCode::credentials_not_delivered);
  }
  return told.to;
}

Secret rotate(SessionContext& context, const std::string& caller, const std::function<void()>& save) {
  constexpr auto not_proven = "the new password is set, and could not be proven";
  auto& record = context.record;
  auto password = set_new_password(context);
  record.announced.reset();  // the password that was announced no longer works
  record.take_back(domain::WarningCode::password_unknown);
  save();
  try {
    record.connection = prove_access(context, password);
  } catch (const std::exception& error) {
    const auto report = report_of(error);
    record.warn(fmt::format("{}: {}", not_proven, report.one_line()), domain::WarningCode::password_unknown);
    save();
    std::throw_with_nested(
        Error(report.code, not_proven,
              "The old password no longer works and the new one is unknown. Make sure that "
              "Administrator can log in over SSH and RDP (see `rescuectl logs`), then rotate again."));
  }
  auto to = caller;
  if (const auto others = deliver(context, password); !others.empty()) to += (to.empty() ? "" : " and ") + others;
  if (!to.empty()) record.announced = domain::Announcement{context.ports.clock.wall(), to};
  save();
  return password;
}

std::optional<domain::Failure> failure_of_delivery(const domain::SessionRecord& record) {
  for (const auto& warning : record.warnings) {
    if (warning.code != domain::WarningCode::credentials_not_delivered) continue;
    return domain::Failure{"", ErrorCode::unavailable, warning.text, "Look at `rescuectl status` on the host."};
  }
  return std::nullopt;
}

std::unique_ptr<walk::Step> provisioning_step(SessionContext& context) {
  return std::make_unique<ProvisionGuest>(context);
}
std::unique_ptr<walk::Step> proof_step(SessionContext& context) { return std::make_unique<VerifyAccess>(context); }
std::unique_ptr<walk::Step> announcement_step(SessionContext& context) { return std::make_unique<Announce>(context); }

}  // namespace rescue::session

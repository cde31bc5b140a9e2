// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Password, SSH and RDP, by the code with which a session proves them.
#include "core/access/connect.hpp"
#include "core/back_off.hpp"
#include "core/error.hpp"
#include "core/ssh/ssh_prover.hpp"
#include "core/text.hpp"
#include "credentials/password.hpp"
#include "images/verify/checks.hpp"
#include "images/verify/subject.hpp"

#include <fmt/format.h>

namespace rescue::verify {
namespace {

using access::Readiness;

constexpr unsigned refusals_that_decide = 3;  // like a session's

access::SshResult log_in(Subject& subject, const Secret& password) {
  ssh::SshProver prover([](const std::string& address, unsigned port, Milliseconds limit) {
    return access::connect_tcp(address, port, limit);
  });
  return prover.prove(subject.target(), password, subject.limits().command);
}

/// Windows prints "host\administrator", others the bare name.
bool is_user(const std::string& whoami, const std::string& user) {
  auto name = lower_case(whoami);
  if (const auto backslash = name.rfind('\\'); backslash != std::string::npos) name.erase(0, backslash + 1);
  return name == lower_case(user);
}

}  // namespace

Verdict check_set_password(Subject& subject) {
  auto password = credentials::generate_password({});
  subject.machine().agent().set_password(subject.manifest().profile.administrator, password);
  subject.password = std::move(password);
  return passed(subject.manifest().profile.administrator);
}

Verdict check_ssh_banner(Subject& subject) {
  const auto& services = subject.services();
  return services.ssh ? passed("after " + seconds_text(*services.ssh)) : failed(services.ssh_problem);
}

Verdict check_ssh_login(Subject& subject) {
  const auto& user = subject.manifest().profile.administrator;
  access::SshResult result;
  // A guest may need some time to use a new password.
  for (unsigned attempt = 0; attempt < refusals_that_decide; ++attempt) {
    result = log_in(subject, *subject.password);
    if (result.readiness == Readiness::command_ran) break;
  }
  if (result.readiness != Readiness::command_ran) return failed(result.problem);
  if (!is_user(result.command_output, user)) return failed(fmt::format("whoami answered '{}'", result.command_output));
  return passed(fmt::format("{} {}", result.host_key_type, result.host_key_fingerprint));
}

Verdict check_wrong_password(Subject& subject) {
  const auto result = log_in(subject, credentials::generate_password({}));
  if (result.readiness >= Readiness::authenticated) return failed("a password that was never set was accepted");
  return result.readiness == Readiness::banner ? passed() : failed(result.problem);
}

Verdict check_rdp(Subject& subject) {
  const auto& services = subject.services();
  return services.rdp ? passed("after " + seconds_text(*services.rdp)) : failed(services.rdp_problem);
}

Verdict check_nla(Subject& subject) {
  return subject.services().nla ? passed() : failed("the server selects TLS without NLA");
}

}  // namespace rescue::verify

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Actions of the profile: SSH keys, keyboard, texts, as a session performs them.
#include "contract/keyboard.hpp"
#include "core/access/connect.hpp"
#include "core/access/repeated.hpp"
#include "core/guest_agent/protocol.hpp"
#include "core/ssh/ssh_prover.hpp"
#include "core/text.hpp"
#include "credentials/ssh_key.hpp"
#include "images/verify/checks.hpp"
#include "images/verify/subject.hpp"

#include <fmt/format.h>

#include <map>

namespace rescue::verify {
namespace {

using access::Readiness;
using contract::GuestAction;

const contract::GuestProcedure* procedure_of(Subject& subject, GuestAction action) {
  const auto& actions = subject.manifest().profile.actions;
  const auto found = actions.find(action);
  return found == actions.end() ? nullptr : &found->second;
}

/// Performs the action as a session does; empty if it succeeded.
std::string perform(Subject& subject, const contract::GuestProcedure& procedure, const std::string& text,
                    const std::map<std::string, std::string>& values = {}) {
  auto& agent = subject.machine().agent();
  if (!procedure.file.empty()) {
    agent.write_file(procedure.file, text);
    if (agent.read_file(procedure.file) != text) return procedure.file + " does not hold what was written";
  }
  for (const auto& command : procedure.commands) {
    const auto result = agent.run(agent::filled(command, values), subject.limits().command);
    if (result.exit_code != 0) {
      return fmt::format("{} ended with {}: {}", command.front(), result.exit_code, trimmed(result.output));
    }
  }
  return {};
}

ssh::SshProver prover() {
  return ssh::SshProver([](const std::string& address, unsigned port, Milliseconds limit) {
    return access::connect_tcp(address, port, limit);
  });
}

template <class Try, class IsRight>
access::SshResult repeated(Try attempt, IsRight is_right) {
  SystemClock clock;
  return access::repeated_login(clock, {}, attempt, is_right);
}

}  // namespace

Verdict check_ssh_keys(Subject& subject) {
  const auto* const procedure = procedure_of(subject, GuestAction::ssh_keys);
  if (procedure == nullptr) return not_applicable("the profile has no action for it");
  const auto key = credentials::make_ssh_key_pair("rescue-verify");
  const auto log_in = [&] { return prover().prove_key(subject.target(), key.private_key, subject.limits().command); };
  const auto line = R"(restrict,command="whoami" )" + key.public_key + "\n";
  if (const auto problem = perform(subject, *procedure, line); !problem.empty()) return failed(problem);
  const auto login = repeated(log_in, [](const auto& one) { return one.readiness == Readiness::command_ran; });
  if (login.readiness != Readiness::command_ran) return failed(login.problem);
  if (const auto problem = perform(subject, *procedure, ""); !problem.empty()) return failed(problem);
  const auto after = repeated(log_in, &access::SshResult::refused);
  if (after.refused) return passed(procedure->file);
  return failed(after.problem.empty() ? "a key that was removed still logs in" : after.problem);
}

Verdict check_actions(Subject& subject) {
  const auto keyboard = contract::keyboard_of("de");
  const std::map<std::string, std::string> values{{"keyboard", std::string(keyboard.xkb)},
                                                  {"language", std::string(keyboard.language)},
                                                  {"input", std::string(keyboard.input)},
                                                  {"layout", std::string(keyboard.input.substr(5))},
                                                  {"text", "A message of rescue-image verify."}};
  std::string done;
  for (const auto action :
       {GuestAction::keyboard, GuestAction::login_text, GuestAction::desktop_text, GuestAction::message}) {
    const auto* const procedure = procedure_of(subject, action);
    // Windows' msg.exe fails while nobody is logged in.
    if (procedure == nullptr || (action == GuestAction::message && subject.kind() == Kind::windows)) continue;
    if (const auto problem = perform(subject, *procedure, "A text of rescue-image verify.\n", values);
        !problem.empty()) {
      return failed(fmt::format("{}: {}", name_of(action), problem));
    }
    done += (done.empty() ? "" : ", ") + std::string(name_of(action));
  }
  return done.empty() ? not_applicable("the profile has no action for them") : passed(done);
}

Verdict check_keys_only(Subject& subject) {
  const auto* const procedure = procedure_of(subject, GuestAction::keys_only);
  if (procedure == nullptr) return not_applicable("the profile has no action for it");
  if (const auto problem = perform(subject, *procedure, ""); !problem.empty()) return failed(problem);
  const auto after =
      repeated([&] { return prover().prove(subject.target(), *subject.password, subject.limits().command); },
               &access::SshResult::refused);
  if (after.refused) return passed();
  return failed(after.problem.empty() ? "the password still logs in" : after.problem);
}

}  // namespace rescue::verify

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/guest_setup.hpp"

#include "contract/keyboard.hpp"
#include "core/access/repeated.hpp"
#include "core/guest_agent/protocol.hpp"
#include "core/printable.hpp"
#include "credentials/ssh_key.hpp"
#include "orchestrator/session/credentials_proof.hpp"
#include "orchestrator/session/guest_text.hpp"
#include "orchestrator/session/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::session {
namespace {

using contract::GuestAction;
using domain::Readiness;
using domain::WarningCode;
using domain::WishState;

constexpr Milliseconds login_limit{20'000};
constexpr unsigned most_writes = 3;
constexpr std::size_t longest_problem = 400;

std::string with_line_ends(const std::string& text, bool crlf) {
  if (!crlf) return text;
  std::string result;
  for (const char c : text) {
    if (c == '\n') result += '\r';
    result += c;
  }
  return result;
}

bool wants_keys_only(const SessionContext& context) {
  return context.record.request && context.record.request->auth == name_of(domain::SshAuth::keys_only);
}

ports::AccessTarget target_of(SessionContext& context) {
  return {primary_address(context.plan().network.original), context.plan().guest.profile.administrator};
}

/// The request's keys, and `own` if it is not empty.
std::string key_lines(const SessionContext& context, const std::string& own) {
  std::string lines;
  for (const auto& key : context.record.request->ssh_keys) lines += key + "\n";
  return own.empty() ? lines : lines + own + "\n";
}

std::string write_keys(SessionContext& context, const std::string& own) {
  return perform(context, GuestAction::ssh_keys, key_lines(context, own));
}

template <class Try, class IsRight>
domain::SshResult repeated(SessionContext& context, Try attempt, IsRight is_right) {
  return access::repeated_login(context.ports.clock, context.stop, attempt, is_right);
}

/// Removes our key and checks that it no longer logs in. Returns the problem.
std::string removed(SessionContext& context, const ports::AccessTarget& target, const Secret& key) {
  std::string problem;
  for (unsigned number = 0; number < most_writes; ++number) {
    problem = write_keys(context, {});
    if (problem.empty()) break;
  }
  if (problem.empty()) {
    const auto after = repeated(
        context, [&] { return context.ports.probe.prove_ssh_key(target, key, login_limit); },
        &domain::SshResult::refused);
    if (after.refused) {
      context.record.wishes.own_key = false;
      context.record.take_back(WarningCode::proof_key_left);
      return {};
    }
    problem = after.readiness >= Readiness::authenticated ? "it still logs in" : after.problem;
  }
  context.record.warn(
      fmt::format("our key of the proof may still be in the guest: {}. It can run nothing but whoami, and "
                  "its private half no longer exists",
                  problem),
      WarningCode::proof_key_left);
  return "our key could not be removed: " + problem;
}

void warn_unsupported(SessionContext& context, const char* what) {
  context.record.warn(fmt::format("{}: not supported by the image {}", what, context.plan().image.name));
}

WishState performed(SessionContext& context, GuestAction action, const char* what, const std::string& text,
                    const std::map<std::string, std::string>& values = {}) {
  if (!offers(context, action)) {
    warn_unsupported(context, what);
    return WishState::not_supported;
  }
  const auto problem = perform(context, action, text, values);
  if (problem.empty()) return WishState::set;
  context.record.warn(fmt::format("{} failed: {}", what, problem));
  return WishState::failed;
}

void set_keyboard(SessionContext& context) {
  const auto& request = context.record.request;
  if (!request || request->keyboard.empty()) return;
  auto& state = context.record.wishes.keyboard;
  const auto* const keyboard = contract::find_keyboard(request->keyboard);
  if (keyboard == nullptr) {
    state = WishState::failed;
    context.record.warn(fmt::format("the keyboard layout '{}' is unknown here", printable(request->keyboard, 40)));
    return;
  }
  context.wait_for("the guest to set its keyboard layout");
  state = performed(context, GuestAction::keyboard, "setting the keyboard layout", {},
                    {{"keyboard", std::string(keyboard->xkb)},
                     {"language", std::string(keyboard->language)},
                     {"input", std::string(keyboard->input)},
                     {"layout", std::string(keyboard->input.substr(keyboard->input.find(':') + 1))}});
}

/// Turns password logins off and checks that the password no longer logs in.
void allow_keys_only(SessionContext& context, const Secret& password) {
  auto& state = context.record.wishes.keys_only;
  if (context.record.wishes.ssh_keys != WishState::proven) {
    state = WishState::failed;
    context.record.warn("password logins over SSH stay on: a login by key is not proven");
    return;
  }
  state = performed(context, GuestAction::keys_only, "turning password logins over SSH off", {});
  if (state != WishState::set) return;
  const auto target = target_of(context);
  const auto after = repeated(
      context, [&] { return context.ports.probe.prove_ssh(target, password, login_limit); },
      &domain::SshResult::refused);
  state = after.refused ? WishState::proven : WishState::not_proven;
  if (state == WishState::proven) return;
  context.record.warn(
      fmt::format("it is not proven that password logins over SSH are off: {}",
                  after.readiness >= Readiness::authenticated ? "the password still logs in" : after.problem));
}

}  // namespace

bool offers(SessionContext& context, GuestAction action) {
  return context.plan().guest.profile.actions.contains(action);
}

std::string perform(SessionContext& context, GuestAction action, const std::string& text,
                    const std::map<std::string, std::string>& values) {
  const auto& guest = context.plan().guest;
  const auto& procedure = guest.profile.actions.at(action);
  try {
    if (!procedure.file.empty()) {
      context.ports.agent.write_file(guest.name, procedure.file, with_line_ends(text, procedure.crlf));
    }
    for (const auto& command : procedure.commands) {
      const auto result =
          context.ports.agent.run(guest.name, agent::filled(command, values), context.settings.deadlines.provisioning);
      if (result.exit_code != 0) {
        return printable(fmt::format("{} ended with {}: {}", command.front(), result.exit_code, result.output),
                         longest_problem);
      }
    }
    return {};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    const auto problem = printable(error.what(), longest_problem);
    return problem.empty() ? "unknown" : problem;
  }
}

void write_guest_texts(SessionContext& context) {
  const auto& record = context.record;
  const auto language = language_of(record.request ? record.request->language : "");
  for (const auto& [action, what] : {std::pair(GuestAction::login_text, "writing the text of the SSH login"),
                                     std::pair(GuestAction::desktop_text, "writing the text on the desktop")}) {
    if (!offers(context, action)) continue;  // no warning: nobody has asked for it
    TextFacts facts{context.settings.server_name,
                    context.plan().guest.disks,
                    std::nullopt,
                    context.settings.on_shutdown,
                    context.plan().guest.profile.actions.at(action).before_login,
                    context.plan().guest.disk_mode};
    if (record.lease) facts.lease_ends = record.lease->ends;
    const auto state = performed(context, action, what, session_text(facts, language));
    auto& all = context.record.wishes.text;
    if (all != WishState::failed || action == GuestAction::login_text) all = state;
  }
}

void set_up_guest(SessionContext& context) {
  set_keyboard(context);
  write_guest_texts(context);
}

domain::SshResult log_in_by_own_key(SessionContext& context) {
  const auto target = target_of(context);
  const auto own = credentials::make_ssh_key_pair("rescue-proof");
  domain::SshResult result;
  context.record.wishes.own_key = true;
  context.ports.journal.save(context.record);
  // Limited to the command of the proof, should it ever be left behind.
  result.problem = write_keys(context, R"(restrict,command="whoami" )" + own.public_key);
  if (result.problem.empty()) {
    const auto is_proof = [&](const domain::SshResult& login) {
      return login.readiness == Readiness::command_ran && is_user(login.command_output, target.user);
    };
    const auto log_in = [&] { return context.ports.probe.prove_ssh_key(target, own.private_key, login_limit); };
    result = repeated(context, log_in, is_proof);
    if (result.problem.empty() && !is_proof(result)) {
      result.problem = fmt::format("whoami answered '{}'", result.command_output);
    }
  }
  const auto left = removed(context, target, own.private_key);
  if (result.problem.empty()) result.problem = left;
  return result;
}

void put_ssh_keys(SessionContext& context, const Secret& password) {
  const auto& request = context.record.request;
  auto& wishes = context.record.wishes;
  if (!request || (request->ssh_keys.empty() && !wants_keys_only(context))) return;
  if (request->ssh_keys.empty()) {
    wishes.keys_only = WishState::failed;
    context.record.warn("password logins over SSH stay on: the request has no SSH key");
    return;
  }
  if (!offers(context, GuestAction::ssh_keys)) {
    warn_unsupported(context, "SSH keys");
    wishes.ssh_keys = WishState::not_supported;
  } else {
    context.wait_for("an SSH login with a key");
    const auto login = log_in_by_own_key(context);
    wishes.ssh_keys = login.problem.empty() ? WishState::proven : WishState::not_proven;
    if (!login.problem.empty()) {
      context.record.warn(fmt::format("the SSH keys are not proven: {}", login.problem));
    }
  }
  if (wants_keys_only(context)) allow_keys_only(context, password);
}

void remove_own_key(SessionContext& context) {
  if (!context.record.wishes.own_key) return;
  const auto problem = write_keys(context, {});
  if (problem.empty()) {
    context.record.wishes.own_key = false;
    return context.record.take_back(WarningCode::proof_key_left);
  }
  context.record.warn(fmt::format("the guest's SSH keys could not be written again: {}", problem),
                      WarningCode::proof_key_left);
}

}  // namespace rescue::session

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/access/customer_access_probe.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/access/folder_of_nobody.hpp"
#include "orchestrator/access/probe_answer.hpp"
#include "orchestrator/access/probe_protocol.hpp"
#include "orchestrator/rdp/login_protocol.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rescue::access {
namespace {

using domain::RdpProof;
using domain::RdpResult;
using domain::Readiness;
using domain::SshResult;

std::string first_line(const std::string& text) {
  constexpr std::size_t longest = 300;
  return printable(std::string_view(text).substr(0, text.find('\n')), longest);
}

/// Throws if the program can't be started. Checked beforehand: with a prefix it would only exit, which a guest can
/// cause, too.
Command command_of(const Programs& programs, const std::string& program, std::vector<std::string> arguments) {
  if (::access(program.c_str(), X_OK) != 0) {
    throw Error(ErrorCode::subprocess, fmt::format("cannot start {}: {}", program, std::strerror(errno)),
                fmt::format("Is the package that holds {} installed?", program));
  }
  Command command;
  command.argv = programs.argv_prefix;
  command.argv.push_back(program);
  std::move(arguments.begin(), arguments.end(), std::back_inserter(command.argv));
  return command;
}

/// Runs rescue-access-probe for `limit`, which it keeps unless it hangs. Without an answer the result has only a
/// problem.
template <class Result>
Result ask(Command command, const char* service, Milliseconds limit, Answer<Result> (*read)(std::string_view)) {
  constexpr Milliseconds to_answer{1'000};
  command.time_limit = limit + to_answer;
  const auto completed = run(command);
  std::string why;
  if (completed.timed_out) {
    why = "did not end within the limit";
  } else if (completed.status > 128) {
    why = fmt::format("was ended by signal {}", completed.status - 128);
  } else if (completed.status != probe::answered) {
    why = fmt::format("ended with {}: {}", completed.status, first_line(completed.err));
  } else {
    auto answer = read(completed.out);
    if (answer.result) return *std::move(answer.result);
    why = "gave an invalid answer: " + answer.fault;
  }
  Result nothing;
  nothing.problem = fmt::format("the program that connects to the server by {} {}", service, why);
  return nothing;
}

std::string milliseconds(Milliseconds limit) { return std::to_string(std::max(limit, Milliseconds(1)).count()); }

}  // namespace

SshResult CustomerAccessProbe::prove_ssh(const ports::AccessTarget& target, const Secret& password,
                                         Milliseconds limit) {
  return ask_ssh("ssh", target, password, limit);
}

SshResult CustomerAccessProbe::prove_ssh_key(const ports::AccessTarget& target, const Secret& key, Milliseconds limit) {
  return ask_ssh("ssh-key", target, key, limit);
}

SshResult CustomerAccessProbe::ask_ssh(const char* means, const ports::AccessTarget& target, const Secret& secret,
                                       Milliseconds limit) const {
  auto command = command_of(programs_, programs_.probe,
                            {means, target.address, std::to_string(target.ssh_port), milliseconds(limit), target.user});
  command.secret_input = &secret;
  return ask(std::move(command), "SSH", limit, read_ssh_answer);
}

RdpResult CustomerAccessProbe::prove_rdp(const ports::AccessTarget& target, const Secret& password,
                                         Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  auto command = command_of(programs_, programs_.probe,
                            {"rdp", target.address, std::to_string(target.rdp_port), milliseconds(limit)});
  auto result = ask(std::move(command), "RDP", limit, read_rdp_answer);
  if (result.readiness != Readiness::banner) return result;
  if (result.nla) {
    log_in(target, password, std::chrono::floor<Milliseconds>(deadline - std::chrono::steady_clock::now()), result);
  } else {
    result.proof = RdpProof::handshake_only;
  }
  return result;
}

void CustomerAccessProbe::log_in(const ports::AccessTarget& target, const Secret& password, Milliseconds limit,
                                 RdpResult& result) const {
  namespace login = rdp::login;
  if (limit.count() <= 0) {
    result.problem = "no time was left for the NLA login";
    return;
  }
  const FolderOfNobody home("/tmp/rescue-rdp-login.XXXXXX");  // its library stores certificates under $HOME
  auto command =
      command_of(programs_, programs_.login,
                 {target.address, std::to_string(target.rdp_port), target.user, result.certificate_fingerprint});
  command.environment = {"HOME=" + home.path(), "XDG_CONFIG_HOME=" + home.path()};
  command.secret_input = &password;
  command.time_limit = limit;
  const auto completed = run(command);
  if (completed.timed_out) {
    result.problem = "the NLA login did not end within the limit";
  } else if (completed.status == login::accepted) {
    result.readiness = Readiness::authenticated;
    result.proof = RdpProof::authenticated;
  } else {
    const auto& said = completed.out.empty() ? completed.err : completed.out;
    result.problem = fmt::format("NLA login as {}: {}", target.user, first_line(said));
  }
}

}  // namespace rescue::access

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/rdp/rdp_prover.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/rdp/give_up_root.hpp"
#include "orchestrator/rdp/login_protocol.hpp"
#include "orchestrator/rdp/tls.hpp"
#include "orchestrator/rdp/wire.hpp"
#include "orchestrator/rdp/x224.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace rescue::rdp {
namespace {

using domain::RdpProof;
using domain::RdpResult;
using domain::Readiness;

Negotiation negotiate(Wire& wire) {
  std::vector<std::uint8_t> packet(4);
  const auto failed = [&] { return Negotiation{std::nullopt, "RDP negotiation: " + wire.problem()}; };
  if (!wire.send(connection_request) || !wire.receive_all(packet)) return failed();
  const auto length = tpkt_length(std::span(packet).first<4>());
  if (!length) return {std::nullopt, "what listens there does not speak RDP"};
  packet.resize(*length);
  if (!wire.receive_all(std::span(packet).subspan(4))) return failed();
  return parse_connection_confirm(packet);
}

/// For the login program: its library keeps certificates under $HOME. Removed here, since the program may be killed.
class EmptyHome {
public:
  EmptyHome() {
    if (::mkdtemp(path_.data()) == nullptr) throw system_error("cannot make " + path_, errno);
    // Where we are root, the program is nobody by the time that it looks there.
    if (::geteuid() == 0 && ::chown(path_.c_str(), nobody, nobody) != 0) {
      throw system_error("cannot give " + path_ + " to its user", errno);
    }
  }
  ~EmptyHome() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  EmptyHome(const EmptyHome&) = delete;
  EmptyHome& operator=(const EmptyHome&) = delete;
  [[nodiscard]] std::vector<std::string> environment() const { return {"HOME=" + path_, "XDG_CONFIG_HOME=" + path_}; }

private:
  std::string path_ = "/tmp/rescue-rdp-login.XXXXXX";
};

std::string first_line(const std::string& text) {
  constexpr std::size_t longest = 300;
  return printable(std::string_view(text).substr(0, text.find('\n')), longest);
}

}  // namespace

void RdpProver::log_in(const ports::AccessTarget& target, const Secret& password, Milliseconds limit,
                       RdpResult& result) {
  if (limit.count() <= 0) {
    result.problem = "no time was left for the NLA login";
    return;
  }
  const EmptyHome home;
  Command command;
  command.environment = home.environment();
  command.argv = login_.argv_prefix;
  command.argv.insert(command.argv.end(), {login_.program, target.address, std::to_string(target.rdp_port), target.user,
                                           result.certificate_fingerprint});
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

RdpResult RdpProver::prove(const ports::AccessTarget& target, const Secret& password, Milliseconds limit) {
  constexpr Milliseconds connect_limit{5'000};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  RdpResult result;
  auto connection = connect_(target.address, target.rdp_port, std::min(limit, connect_limit));
  result.problem = connection.problem;
  if (!connection.fd) return result;
  result.readiness = Readiness::tcp_open;
  Wire wire(connection.fd.get(), deadline);
  const auto negotiation = negotiate(wire);
  result.problem = negotiation.problem;
  if (!negotiation.protocol) return result;
  result.nla = negotiation.protocol == Protocol::nla;
  const auto tls = tls_handshake(wire);
  result.problem = printable(tls.problem, 500);
  if (!tls.problem.empty()) return result;
  result.certificate_fingerprint = tls.fingerprint;
  result.readiness = Readiness::banner;
  connection.fd.reset();
  if (result.nla) {
    log_in(target, password, std::chrono::floor<Milliseconds>(deadline - std::chrono::steady_clock::now()), result);
  } else {
    result.proof = RdpProof::handshake_only;
  }
  return result;
}

}  // namespace rescue::rdp

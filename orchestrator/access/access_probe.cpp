// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-access-probe: connects to the guest's SSH or RDP like the customer, and reports the result. It is a separate
// program because libssh and OpenSSL parse untrusted bytes, and an exploit of them must not get rescued's privileges.
#include "core/access/connect.hpp"
#include "core/error.hpp"
#include "core/rdp/handshake.hpp"
#include "core/ssh/ssh_prover.hpp"
#include "orchestrator/access/give_up_root.hpp"
#include "orchestrator/access/probe_answer.hpp"
#include "orchestrator/access/probe_protocol.hpp"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>

namespace rescue::access {
namespace {

constexpr const char* how_to_use =
    "usage: rescue-access-probe ssh ADDRESS PORT LIMIT USER < password\n"
    "       rescue-access-probe ssh-key ADDRESS PORT LIMIT USER < private-key\n"
    "       rescue-access-probe rdp ADDRESS PORT LIMIT\n"
    "Connects to a server like a customer, for at most LIMIT milliseconds, and prints the result as JSON.\n";

struct Arguments {
  bool ssh = false;
  bool by_key = false;
  Target target;
  Milliseconds limit{0};
};

/// Parses a whole number from 1 to `most`; 0 for anything else.
unsigned number_of(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value <= most ? value : 0;
}

std::optional<Arguments> arguments_of(int argc, char** argv) {
  constexpr unsigned an_hour = 3'600'000;
  const std::string_view service = argc > 1 ? argv[1] : "";
  Arguments arguments;
  arguments.by_key = service == "ssh-key";
  arguments.ssh = service == "ssh" || arguments.by_key;
  if (!(arguments.ssh && argc == 6) && !(service == "rdp" && argc == 5)) return std::nullopt;
  const unsigned port = number_of(argv[3], 65'535);
  arguments.limit = Milliseconds(number_of(argv[4], an_hour));
  if (port == 0 || arguments.limit.count() == 0) return std::nullopt;
  arguments.target = {argv[2], arguments.ssh ? argv[5] : "", port, port};
  return arguments;
}

/// Reads the password or the private key, to the end of stdin.
Secret read_secret() {
  Secret buffer(probe::longest_secret + 1);
  std::size_t used = 0;
  while (used < buffer.size()) {
    const auto count = ::read(STDIN_FILENO, buffer.data() + used, buffer.size() - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error("cannot read the password or key", errno);
    if (count == 0) return Secret(buffer.reveal().substr(0, used));
    used += static_cast<std::size_t>(count);
  }
  throw Error(ErrorCode::usage, "the password or key is too long");
}

/// Connects in the network namespace of this process.
Connection connect_from_here(const std::string& address, unsigned port, Milliseconds limit) {
  return connect_tcp(address, port, limit);
}

std::string ask(const Arguments& arguments) {
  if (!arguments.ssh) return answer_of(rdp::shake_hands(connect_from_here, arguments.target, arguments.limit));
  const auto secret = read_secret();
  ssh::SshProver prover(connect_from_here);
  return answer_of(arguments.by_key ? prover.prove_key(arguments.target, secret, arguments.limit)
                                    : prover.prove(arguments.target, secret, arguments.limit));
}

int fail(const char* why) {
  (void)std::fprintf(stderr, "%s\n", why);
  return probe::failed;
}

int run(int argc, char** argv) {
  const auto arguments = arguments_of(argc, argv);
  if (!arguments) {
    (void)std::fputs(how_to_use, stderr);
    return probe::usage;
  }
  if (!give_up_root() || !stay_alone()) return fail("cannot give up root's privileges");
  const auto answer = ask(*arguments) + "\n";
  const bool written =
      std::fwrite(answer.data(), 1, answer.size(), stdout) == answer.size() && std::fflush(stdout) == 0;
  return written ? probe::answered : fail("cannot write the answer");
}

}  // namespace
}  // namespace rescue::access

int main(int argc, char** argv) {
  try {
    return rescue::access::run(argc, argv);
  } catch (const std::exception& error) {
    return rescue::access::fail(error.what());
  }
}

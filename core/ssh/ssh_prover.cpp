// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/ssh/ssh_prover.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "core/sigpipe.hpp"
#include "core/ssh/banner.hpp"

#include <fmt/format.h>
#include <libssh/libssh.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>

namespace rescue::ssh {
namespace {

/// Negative until the server has sent it.
int exit_status_of(ssh_channel channel) {
#if LIBSSH_VERSION_INT >= SSH_VERSION_INT(0, 11, 0)
  std::uint32_t code = 0;
  if (ssh_channel_get_exit_state(channel, &code, nullptr, nullptr) != SSH_OK) return -1;
  return static_cast<int>(std::min<std::uint32_t>(code, std::numeric_limits<int>::max()));
#else
  return ssh_channel_get_exit_status(channel);
#endif
}

using access::Readiness;
using access::SshResult;

using Session = Handle<ssh_session_struct, ssh_free>;
using Channel = Handle<ssh_channel_struct, ssh_channel_free>;
using Key = Handle<ssh_key_struct, ssh_key_free>;

/// Step of the login that failed; never leaves this file.
struct Stopped {
  std::string problem;
  bool refused = false;  ///< by the server's answer
};

/// Login over a connected socket. All calls are non-blocking: only `until` waits.
class Login {
public:
  Login(int fd, const access::Target& target, SteadyTime deadline)
      : target_(target), deadline_(deadline), fd_(fd), session_(ssh_new()) {
    if (!session_) throw std::bad_alloc();
    bool off = false;
    // Ignore ~/.ssh/config and /etc/ssh/ssh_config of the host: the customer does not have them.
    set(SSH_OPTIONS_PROCESS_CONFIG, &off);
    set(SSH_OPTIONS_HOST, target.address.c_str());
    set(SSH_OPTIONS_USER, target.user.c_str());
    socket_t socket = ::dup(fd);  // libssh closes what it is given
    if (socket < 0) throw system_error("cannot duplicate a socket", errno);
    set(SSH_OPTIONS_FD, &socket);
    ssh_set_blocking(session_.get(), 0);
  }

  void exchange_keys(SshResult& result) {
    until("key exchange", [&] { return ssh_connect(session_.get()); });
    ssh_key raw = nullptr;
    if (ssh_get_server_publickey(session_.get(), &raw) != SSH_OK) fail("the server has no host key");
    const Key key(raw);
    const char* const type = ssh_key_type_to_char(ssh_key_type(key.get()));
    result.host_key_type = type == nullptr ? "unknown" : type;
    unsigned char* hash = nullptr;
    std::size_t size = 0;
    if (ssh_get_publickey_hash(key.get(), SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) fail("no host key hash");
    const Handle<char, ssh_string_free_char> text(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size));
    ssh_clean_pubkey_hash(&hash);
    result.host_key_fingerprint = text ? text.get() : "";
    char* blob = nullptr;
    if (type == nullptr || ssh_pki_export_pubkey_base64(key.get(), &blob) != SSH_OK) return;
    const Handle<char, ssh_string_free_char> owned(blob);
    result.host_key_blob = blob;
  }

  void authenticate_by_key(const Secret& secret) {
    ssh_key raw = nullptr;
    if (ssh_pki_import_privkey_base64(terminated_copy(secret).reveal().data(), nullptr, nullptr, nullptr, &raw) !=
        SSH_OK) {
      throw Error(ErrorCode::usage, "the private key can't be read");
    }
    const Key key(raw);
    if ((offered_methods() & static_cast<int>(SSH_AUTH_METHOD_PUBLICKEY)) == 0) {
      throw Stopped{"the server offers no login by key", true};
    }
    const int outcome = authenticated([&] { return ssh_userauth_publickey(session_.get(), nullptr, key.get()); });
    if (outcome == SSH_AUTH_PARTIAL) throw Stopped{"the server requires a second factor besides the key"};
    if (outcome != SSH_AUTH_SUCCESS) throw Stopped{fmt::format("the server refused the key of {}", target_.user), true};
  }

  void authenticate(const Secret& password) {
    auto terminated = terminated_copy(password);
    const int offered = offered_methods();
    int outcome = SSH_AUTH_DENIED;
    if ((offered & static_cast<int>(SSH_AUTH_METHOD_PASSWORD)) != 0) {
      outcome = authenticated([&] { return ssh_userauth_password(session_.get(), nullptr, terminated.data()); });
    } else if ((offered & static_cast<int>(SSH_AUTH_METHOD_INTERACTIVE)) != 0) {
      outcome = answer_prompts(terminated);
    } else {
      throw Stopped{"the server offers neither password nor keyboard-interactive login", true};
    }
    if (outcome == SSH_AUTH_PARTIAL) throw Stopped{"the server requires a second factor besides the password"};
    if (outcome != SSH_AUTH_SUCCESS) {
      throw Stopped{fmt::format("the server refused the password of {}", target_.user), true};
    }
  }

  std::string run(const char* command) {
    const Channel channel(ssh_channel_new(session_.get()));
    if (!channel) fail("cannot make a channel");
    until("session", [&] { return ssh_channel_open_session(channel.get()); });
    until("command", [&] { return ssh_channel_request_exec(channel.get(), command); });
    auto output = read_output(channel.get());
    int status = -1;
    while ((status = exit_status_of(channel.get())) < 0 && ssh_channel_is_closed(channel.get()) == 0) {
      wait("exit status");
      pump(channel.get());
    }
    output.erase(output.find_last_not_of(" \r\n\t") + 1);
    if (status != 0) throw Stopped{fmt::format("{} ended with {}: {}", command, status, output)};
    return output;
  }

private:
  /// The terminated copy that C needs, protected like the original.
  static Secret terminated_copy(const Secret& secret) {
    Secret terminated(secret.size() + 1);
    std::copy_n(secret.reveal().data(), secret.size(), terminated.data());
    terminated.data()[secret.size()] = '\0';
    return terminated;
  }

  /// Asks the server, which may let everybody in.
  int offered_methods() {
    const auto none = authenticated([&] { return ssh_userauth_none(session_.get(), nullptr); });
    if (none == SSH_AUTH_SUCCESS) {
      throw Stopped{fmt::format("the server lets {} in without any password", target_.user)};
    }
    return ssh_userauth_list(session_.get(), nullptr);
  }

  void set(ssh_options_e option, const void* value) {
    if (ssh_options_set(session_.get(), option, value) != SSH_OK) fail("libssh refuses an option");
  }

  [[noreturn]] void fail(const std::string& what) {
    throw Stopped{fmt::format("{}: {}", what, ssh_get_error(session_.get()))};
  }

  /// Waits until the socket is readable; wakes periodically, since libssh may have buffered bytes.
  void wait(const char* step) {
    constexpr long long nap_ms = 20;
    const auto left = std::chrono::ceil<Milliseconds>(deadline_ - std::chrono::steady_clock::now()).count();
    if (left <= 0) throw Stopped{fmt::format("the server did not finish the {} within the limit", step)};
    pollfd ready{fd_, POLLIN, 0};
    ::poll(&ready, 1, static_cast<int>(std::min<long long>(left, nap_ms)));
    // A closed socket is always ready: don't spin until libssh notices the end.
    if ((ready.revents & (POLLHUP | POLLERR)) != 0) ::poll(nullptr, 0, 1);
  }

  template <class Step>
  void until(const char* name, Step step) {
    for (;;) {
      const int outcome = step();
      if (outcome == SSH_OK) return;
      if (outcome != SSH_AGAIN) fail(fmt::format("the {} failed", name));
      wait(name);
    }
  }

  template <class Step>
  int authenticated(Step step) {
    for (;;) {
      const int outcome = step();
      if (outcome == SSH_AUTH_ERROR) fail("the authentication broke off");
      if (outcome != SSH_AUTH_AGAIN) return outcome;
      wait("authentication");
    }
  }

  int answer_prompts(const Secret& terminated) {
    bool answered = false;
    for (;;) {
      const int outcome = authenticated([&] { return ssh_userauth_kbdint(session_.get(), nullptr, nullptr); });
      if (outcome != SSH_AUTH_INFO) return outcome;
      const int prompts = ssh_userauth_kbdint_getnprompts(session_.get());
      if (prompts == 0) continue;  // information without a prompt
      if (prompts != 1 || answered) throw Stopped{"the server asks for more than a password"};
      ssh_userauth_kbdint_setanswer(session_.get(), 0, terminated.reveal().data());
      answered = true;
    }
  }

  /// Lets libssh read packets without taking any output.
  static void pump(ssh_channel channel) { (void)ssh_channel_poll(channel, 0); }

  std::string read_output(ssh_channel channel) {
    constexpr std::size_t enough = 4096;
    std::string output;
    std::array<char, 512> buffer{};
    while (output.size() < enough) {
      const int count = ssh_channel_read_nonblocking(channel, buffer.data(), buffer.size(), 0);
      if (count > 0) output.append(buffer.data(), static_cast<std::size_t>(count));
      if (count == SSH_EOF || (count == 0 && ssh_channel_is_eof(channel) != 0)) break;
      if (count == SSH_ERROR) fail("the connection broke while the command ran");
      if (count == 0 || count == SSH_AGAIN) wait("command");
    }
    return output;
  }

  const access::Target& target_;
  SteadyTime deadline_;
  int fd_;
  Session session_;
};

}  // namespace

SshResult SshProver::prove(const access::Target& target, const Secret& password, Milliseconds limit) {
  return log_in(target, Means::password, password, limit);
}

SshResult SshProver::prove_key(const access::Target& target, const Secret& key, Milliseconds limit) {
  return log_in(target, Means::key, key, limit);
}

SshResult SshProver::log_in(const access::Target& target, Means means, const Secret& secret, Milliseconds limit) {
  constexpr std::size_t longest = 500;
  constexpr Milliseconds connect_limit{5'000};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  SshResult result;
  const auto connection = connect_(target.address, target.ssh_port, std::min(limit, connect_limit));
  result.problem = connection.problem;
  if (!connection.fd) return result;
  result.readiness = Readiness::tcp_open;
  result.problem = await_banner(connection.fd.get(), deadline);
  if (!result.problem.empty()) return result;
  result.readiness = Readiness::banner;
  const WithoutSigpipe guard;  // libssh writes without MSG_NOSIGNAL
  try {
    Login login(connection.fd.get(), target, deadline);
    login.exchange_keys(result);
    means == Means::key ? login.authenticate_by_key(secret) : login.authenticate(secret);
    result.readiness = Readiness::authenticated;
    result.command_output = login.run("whoami");
    result.readiness = Readiness::command_ran;
  } catch (const Stopped& stopped) {
    result.problem = stopped.problem;
    result.refused = stopped.refused;
  }
  result.command_output = printable(result.command_output, longest);
  result.problem = printable(result.problem, longest);
  return result;
}

}  // namespace rescue::ssh

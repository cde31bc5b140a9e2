// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real OpenSSH server with its own account, which exists only in the server's private mount namespace.

#include "tests/integration/access/child_process.hpp"
#include "tests/integration/access/loopback.hpp"

#include <fmt/format.h>

#include <optional>

namespace rescue::tests {

class SshServer {
public:
  /// Why it can't run here; empty if it can.
  static std::string missing() {
    if (::geteuid() != 0) return "needs root (a mount namespace with its own account database)";
    if (::access("/usr/sbin/sshd", X_OK) != 0) return "needs sshd (package openssh-server)";
    return {};
  }

  /// `settings` are lines of sshd_config; the test sets UsePAM, PasswordAuthentication etc.
  SshServer(const std::string& user, const std::string& password, const std::string& settings,
            const std::string& shell = "/bin/sh") {
    const auto hash = run_checked(command({"openssl", "passwd", "-6", "-stdin"}, password + "\n")).out;
    folder_.write("passwd", read("/etc/passwd") + fmt::format("{}:x:64999:64999::/:{}\n", user, shell), 0644);
    folder_.write("shadow", read("/etc/shadow") +
                                fmt::format("{}:{}:19000:0:99999:7:::\n", user, hash.substr(0, hash.find('\n'))));
    folder_.write("pam", "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n",
                  0644);
    run_checked(command({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder_ / "key"}));
    folder_.write("config", fmt::format("Port {}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nUseDNS no\n{}\n",
                                        port_, folder_ / "key", settings));
    // In the new namespace only: the host's /etc and /run stay unchanged.
    constexpr const char* script =
        "mount --bind \"$1/passwd\" /etc/passwd && mount --bind \"$1/shadow\" /etc/shadow && "
        "{ ! test -e /etc/pam.d/sshd || mount --bind \"$1/pam\" /etc/pam.d/sshd; } && "
        "mount -t tmpfs tmpfs /run && mkdir -m 755 /run/sshd && "
        "exec /usr/sbin/sshd -D -e -f \"$1/config\"";
    server_.emplace(std::vector<std::string>{"unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh",
                                             folder_.path()},
                    folder_ / "log");
    if (!eventually([&] { return bool(connect_to_loopback("", port_, Milliseconds(100)).fd); })) {
      throw std::runtime_error("sshd did not start: " + log());
    }
  }

  [[nodiscard]] unsigned port() const { return port_; }
  [[nodiscard]] std::string log() const { return folder_.read("log"); }

  /// The public key as ssh-keygen has written it, in base64.
  [[nodiscard]] std::string host_key_blob() const {
    const auto line = folder_.read("key.pub");
    const auto begin = line.find(' ') + 1;
    return line.substr(begin, line.find(' ', begin) - begin);
  }

  /// The fingerprint from OpenSSH's own programs: "SHA256:...".
  [[nodiscard]] std::string fingerprint() const {
    const auto keys =
        run_checked(command({"ssh-keyscan", "-t", "ed25519", "-p", std::to_string(port_), "127.0.0.1"})).out;
    const auto line = run_checked(command({"ssh-keygen", "-lf", "-"}, keys)).out;
    const auto begin = line.find("SHA256:");
    return line.substr(begin, line.find(' ', begin) - begin);
  }

private:
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  TemporaryFolder folder_;
  unsigned port_ = closed_port();
  std::optional<ChildProcess> server_;
};

}  // namespace rescue::tests

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real RDP server: FreeRDP's shadow server over an X server without a screen.

#include "tests/integration/access/child_process.hpp"
#include "tests/integration/access/loopback.hpp"

#include <fmt/format.h>

#include <optional>

namespace rescue::tests {

class RdpServer {
public:
  /// Why it can't run here; empty if it can.
  static std::string missing() {
    for (const auto* program : {"/usr/bin/Xvfb", "/usr/bin/freerdp-shadow-cli"}) {
      if (::access(program, X_OK) != 0) return fmt::format("needs {} (packages xvfb, freerdp2-shadow-x11)", program);
    }
    return {};
  }

  /// `security` is "nla", "tls" or "rdp". NLA knows one account: Administrator with the password "Right1!pw".
  explicit RdpServer(const std::string& security) {
    // The NT hash of that password: MD4 over UTF-16LE, which OpenSSL 3 no longer computes by default.
    folder_.write("sam", "Administrator:::58029f88187af98ec751066a7a025e59:::\n");
    folder_.write("display", "");
    // The shadow server reads the screen, disconnects, and connects again: the X server must not reset in between.
    x_server_.emplace(
        std::vector<std::string>{"sh", "-c",
                                 "exec Xvfb -displayfd 3 -noreset -nolisten tcp -screen 0 640x480x24 3>\"$1\"", "sh",
                                 folder_ / "display"},
        folder_ / "xlog");
    if (!eventually([&] { return folder_.read("display").find('\n') != std::string::npos; })) {
      throw std::runtime_error("Xvfb did not start: " + folder_.read("xlog"));
    }
    const auto display = folder_.read("display");
    server_.emplace(std::vector<std::string>{"freerdp-shadow-cli", fmt::format("/port:{}", port_),
                                             "/bind-address:127.0.0.1", "/sec:" + security,
                                             "/sam-file:" + folder_ / "sam"},
                    folder_ / "log",
                    std::vector<std::string>{"HOME=" + folder_.path(), "XDG_CONFIG_HOME=" + folder_ / "config",
                                             "DISPLAY=:" + display.substr(0, display.find('\n'))});
    if (!eventually([&] { return bool(connect_to_loopback("", port_, Milliseconds(100)).fd); })) {
      throw std::runtime_error("freerdp-shadow-cli did not start: " + log());
    }
  }

  [[nodiscard]] unsigned port() const { return port_; }
  /// Environment of a client: its settings in this folder, its windows on the server's own screen.
  [[nodiscard]] std::vector<std::string> client_environment() const {
    const auto display = folder_.read("display");
    return {"HOME=" + folder_ / "client", "XDG_CONFIG_HOME=" + folder_ / "client",
            "DISPLAY=:" + display.substr(0, display.find('\n'))};
  }
  [[nodiscard]] std::string log() const { return folder_.read("log"); }

  /// The fingerprint of the server's own certificate from openssl, in our spelling.
  [[nodiscard]] std::string fingerprint() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
      if (entry.path().extension() != ".crt") continue;
      auto line =
          run_checked(command({"openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", entry.path().string()}))
              .out;
      line = line.substr(line.find('=') + 1);
      line.erase(line.find_last_not_of('\n') + 1);
      for (auto& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return line;
    }
    return "no certificate found";
  }

private:
  TemporaryFolder folder_;
  unsigned port_ = closed_port();
  std::optional<ChildProcess> x_server_;
  std::optional<ChildProcess> server_;
};

}  // namespace rescue::tests

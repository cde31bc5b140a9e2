// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/tool/signing_options.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

namespace rescue::tool {
namespace {

/// Terminal without an echo while it lives.
class QuietTerminal {
public:
  explicit QuietTerminal(int fd) : fd_(fd) {
    ::tcgetattr(fd_, &before_);
    auto quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  ~QuietTerminal() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

private:
  int fd_;
  termios before_{};
};

Secret ask_for_password(const std::string& key_path) {
  const FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) {
    throw Error(ErrorCode::precondition, fmt::format("the key {} has a password, and there is no terminal", key_path),
                "Give the password by --key-password-file.");
  }
  const QuietTerminal quiet(terminal.get());
  const auto question = fmt::format("Password of {}: ", key_path);
  (void)!::write(terminal.get(), question.data(), question.size());
  constexpr std::size_t longest = 1024;
  Secret line(longest);
  const auto count = ::read(terminal.get(), line.data(), line.size());
  (void)!::write(terminal.get(), "\n", 1);
  if (count <= 1) throw Error(ErrorCode::usage, "no password was given");
  return Secret(line.reveal().substr(0, static_cast<std::size_t>(count) - 1));
}

}  // namespace

images::SigningKey signing_key(const std::string& key_file, const std::string& password_file) {
  images::SigningKey key{key_file};
  if (images::needs_password(key_file)) {
    key.password = password_file.empty() ? ask_for_password(key_file) : read_secret_file(password_file);
  }
  return key;
}

}  // namespace rescue::tool

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/cli/terminal.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace rescue::netboot::cli {
namespace {

/// A terminal that shows nothing of what is typed; signals are characters, so that none leaves it in this state.
class SilentTerminal {
public:
  explicit SilentTerminal(int fd) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) != 0) throw system_error("cannot use the terminal", errno);
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    if (::tcsetattr(fd_, TCSAFLUSH, &silent) != 0) throw system_error("cannot use the terminal", errno);
  }
  ~SilentTerminal() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

private:
  int fd_;
  termios before_{};
};

void put(int fd, std::string_view text) {
  if (::write(fd, text.data(), text.size()) < 0) throw system_error("cannot write to the terminal", errno);
}

}  // namespace

Secret asked_without_echo(std::string_view prompt) {
  constexpr std::size_t longest = 256;
  constexpr char interrupt = '\x03';
  const FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) {
    throw Error(ErrorCode::usage, "the secret needs its code, and there is no terminal to ask for it",
                "Write it into the second line of standard input, after the link.");
  }
  const SilentTerminal silent(terminal.get());
  put(terminal.get(), prompt);
  std::string line;
  line.reserve(longest);
  char read = 0;
  while (line.size() < longest && ::read(terminal.get(), &read, 1) == 1 && read != '\n' && read != interrupt) {
    line.push_back(read);
  }
  put(terminal.get(), "\n");
  Secret secret{std::string_view(line)};
  wipe(line);
  if (read == '\n' || secret.size() == longest) return secret;
  throw Error(ErrorCode::cancelled, "nothing was entered", "Nothing was used up: open the link again.");
}

}  // namespace rescue::netboot::cli

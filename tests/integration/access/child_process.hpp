// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server program that a test starts, and a folder for it. Both end with the test.

#include "core/subprocess.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace rescue::tests {

inline Command command(std::vector<std::string> argv, std::string input = {}) {
  Command command;
  command.argv = std::move(argv);
  command.input = std::move(input);
  return command;
}

class TemporaryFolder {
public:
  TemporaryFolder() {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }
  void write(const std::string& name, const std::string& content, unsigned mode = 0600) const {
    std::ofstream(*this / name) << content;
    std::filesystem::permissions(*this / name, static_cast<std::filesystem::perms>(mode));
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(*this / name).rdbuf();
    return text.str();
  }

private:
  std::string path_ = "/tmp/rescue-test.XXXXXX";
};

/// Runs `argv` with stdout and stderr in a file. Ends only this process on destruction.
class ChildProcess {
public:
  ChildProcess(std::vector<std::string> argv, const std::string& log, const std::vector<std::string>& environment = {})
      : pid_(::fork()) {
    if (pid_ != 0) return;
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    for (const auto& variable : environment) ::putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> pointers;
    pointers.reserve(argv.size() + 1);
    for (auto& argument : argv) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  ~ChildProcess() {
    ::kill(pid_, SIGTERM);
    for (int tries = 0; tries < 100; ++tries) {
      if (::waitpid(pid_, nullptr, WNOHANG) != 0) return;
      ::usleep(20'000);
    }
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

private:
  pid_t pid_;
};

/// Polls a condition of an outside program. Returns false after `seconds`.
template <class Condition>
bool eventually(Condition condition, int seconds = 15) {
  for (int tries = 0; tries < seconds * 50; ++tries) {
    if (condition()) return true;
    ::usleep(20'000);
  }
  return false;
}

}  // namespace rescue::tests

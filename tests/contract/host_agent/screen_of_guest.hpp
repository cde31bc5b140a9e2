// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A real QEMU with a screen on a unix socket. Its guest is a boot sector that writes each key to screen and serial
// port.

#include "core/file.hpp"
#include "core/unix_socket.hpp"

#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

extern char** environ;

namespace rescue::tests {

/// Polls until it is so, for 30 s at most.
template <class Question>
[[nodiscard]] bool becomes(Question question) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!question()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // polls another process
  }
  return true;
}

class ScreenOfGuest {
public:
  static constexpr auto qemu = "/usr/bin/qemu-system-x86_64";

  /// Keeps its files in `folder`, and its screen at `socket`. Returns when the guest runs.
  ScreenOfGuest(std::string folder, std::string socket) : folder_(std::move(folder)), socket_(std::move(socket)) {
    std::filesystem::create_directories(std::filesystem::path(socket_).parent_path());
    std::filesystem::remove(serial());
    write_file_atomically(folder_ + "/boot.img", boot_sector(), 0600);
    start();
    if (!becomes([&] { return typed().starts_with('R'); })) throw std::runtime_error("the guest did not start");
  }
  ~ScreenOfGuest() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ScreenOfGuest(const ScreenOfGuest&) = delete;
  ScreenOfGuest& operator=(const ScreenOfGuest&) = delete;

  /// "R", and the keys that have arrived.
  [[nodiscard]] std::string typed() const { return read_file_if_exists(serial()).value_or(""); }
  [[nodiscard]] bool runs() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  [[nodiscard]] std::string serial() const { return folder_ + "/serial"; }

  static std::string boot_sector() {
    std::string code("\xfa\x31\xc0\x8e\xd8\xfb"  // cli; xor ax, ax; mov ds, ax; sti
                     "\xb8\x03\x00\xcd\x10"      // mov ax, 3; int 10h: text mode
                     "\xb0\x52\xba\xf8\x03\xee"  // mov al, 'R'; mov dx, 3f8h; out dx, al
                     "\x30\xe4\xcd\x16"          // next: xor ah, ah; int 16h: wait for a key
                     "\xba\xf8\x03\xee"          // mov dx, 3f8h; out dx, al
                     "\xb4\x0e\x31\xdb\xcd\x10"  // mov ah, 0eh; xor bx, bx; int 10h: write it
                     "\xeb\xf0",                 // jmp next
                     6 + 5 + 6 + 4 + 4 + 6 + 2);
    constexpr std::size_t sector = 512;
    code.resize(sector - 2, '\0');
    code += "\x55\xaa";
    code.resize(std::size_t{1} << 20U, '\0');
    return code;
  }

  void start() {
    std::vector<std::string> words{qemu,       "-accel",
                                   "tcg",      "-machine",
                                   "pc",       "-m",
                                   "16",       "-nodefaults",
                                   "-vga",     "std",
                                   "-display", "none",
                                   "-vnc",     "unix:" + socket_,
                                   "-drive",   "file=" + folder_ + "/boot.img,format=raw,if=ide",
                                   "-serial",  "file:" + serial()};
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    if (::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
      throw std::runtime_error("can't start QEMU");
    }
  }

  std::string folder_;
  std::string socket_;
  pid_t pid_ = 0;
};

}  // namespace rescue::tests

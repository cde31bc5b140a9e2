// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// A guest of the real QEMU whose disk is streamed: it is paused while no source has its data, and never sees an error.
#include "core/unix_socket.hpp"
#include "tests/unit/stream/streamed_file.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>

namespace rescue::tests {
namespace {

constexpr std::size_t chunks_read = 40;

/// Boot sector that reads the first sector of chunk 1, 2, ..., and prints its first byte to the serial port; '!' and
/// the end for a read that fails.
constexpr std::array<unsigned char, 50> boot_code{
    0x31, 0xc0,                          // xor ax, ax
    0x8e, 0xd8,                          // mov ds, ax
    0x8e, 0xd0,                          // mov ss, ax
    0xbc, 0x00, 0x70,                    // mov sp, 0x7000
    0xbe, 0x00, 0x7d,                    // next: mov si, packet
    0xb4, 0x42,                          // mov ah, 0x42 (extended read)
    0xcd, 0x13,                          // int 0x13
    0x72, 0x18,                          // jc failed
    0xa0, 0x00, 0x80,                    // mov al, [0x8000]
    0x52,                                // push dx
    0xba, 0xf8, 0x03,                    // mov dx, 0x3f8
    0xee,                                // out dx, al
    0x5a,                                // pop dx
    0x81, 0x06, 0x08, 0x7d, 0x80, 0x00,  // add word [packet + 8], 128 sectors
    0xfe, 0x0e, 0x10, 0x7d,              // dec byte [count]
    0x75, 0xe2,                          // jnz next
    0xf4,                                // end: hlt
    0xeb, 0xfd,                          // jmp end
    0xb0, 0x21,                          // failed: mov al, '!'
    0xba, 0xf8, 0x03,                    // mov dx, 0x3f8
    0xee,                                // out dx, al
    0xeb, 0xf5,                          // jmp end
};
/// 16 bytes, one sector, to 0:0x8000, from sector 128; then the count.
constexpr std::array<unsigned char, 17> packet{0x10, 0, 1, 0, 0x00, 0x80, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, chunks_read};

std::string disk() {
  std::string bytes(80 * chunk_size, '\0');
  std::copy(boot_code.begin(), boot_code.end(), bytes.begin());
  std::copy(packet.begin(), packet.end(), bytes.begin() + 0x100);
  bytes[510] = '\x55';
  bytes[511] = '\xaa';
  for (std::size_t chunk = 1; chunk < 80; ++chunk) bytes[chunk * chunk_size] = static_cast<char>('0' + chunk);
  return bytes;
}

/// Text that the guest prints when it has read `chunks` chunks.
std::string printed_after(std::size_t chunks) {
  std::string text;
  for (std::size_t chunk = 1; chunk <= chunks; ++chunk) text += static_cast<char>('0' + chunk);
  return text;
}

class Qmp {
public:
  explicit Qmp(const std::string& path) : socket_(unix_socket()) {
    EXPECT_EQ(connect_unix(socket_, path), 0);
    (void)call("qmp_capabilities");
  }
  nlohmann::json call(const std::string& command) {
    const auto request = nlohmann::json{{"execute", command}}.dump() + "\n";
    EXPECT_EQ(::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    for (;;) {
      const auto message = nlohmann::json::parse(line());
      if (message.contains("return")) return message["return"];
      if (message.contains("error")) throw std::runtime_error(message.dump());
    }
  }
  [[nodiscard]] std::string status() { return call("query-status")["status"]; }

private:
  std::string line() {
    std::string text;
    for (char c = 0; c != '\n'; text += c) {
      if (::recv(socket_.get(), &c, 1, 0) != 1) throw std::runtime_error("QEMU has ended");
    }
    return text;
  }
  FileDescriptor socket_;
};

class StreamedGuest : public StreamedFile {
protected:
  void SetUp() override {
#ifdef RESCUE_SANITIZED
    GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
    if (!has("qemu-system-x86_64")) GTEST_SKIP() << "QEMU is not installed (qemu-system-x86)";
    publish(disk());
    settings_.read_ahead = 0;
    settings_.read_limit = Milliseconds(700);
  }
  void TearDown() override {
    if (qmp_) qmp_->call("quit");
    EXPECT_TRUE(wait_until([&] { return !read_file_if_exists(scratch_.file("qemu.pid")); }));
  }
  void start_guest() {
    const auto overlay = scratch_.file("overlay.qcow2");
    run_checked({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", uri(), overlay},
                 .input = {},
                 .environment = {}});
    run_checked({.argv = {"qemu-system-x86_64", "-machine", "pc,accel=tcg", "-m", "32", "-nodefaults", "-display",
                          "none", "-serial", "file:" + scratch_.file("serial"), "-qmp",
                          "unix:" + scratch_.file("qmp") + ",server=on,wait=off", "-drive",
                          "if=none,id=system,format=qcow2,cache=unsafe,rerror=stop,file=" + overlay, "-device",
                          "virtio-blk-pci,drive=system", "-daemonize", "-pidfile", scratch_.file("qemu.pid")},
                 .input = {},
                 .environment = {}});
    qmp_ = std::make_unique<Qmp>(scratch_.file("qmp"));
  }
  [[nodiscard]] std::string printed() const { return read_file_if_exists(scratch_.file("serial")).value_or(""); }

  std::unique_ptr<Qmp> qmp_;
};

TEST_F(StreamedGuest, BootsFromTheStream) {
  add_mirror();
  start_export();
  start_guest();
  EXPECT_TRUE(wait_until([&] { return printed() == printed_after(chunks_read); })) << printed();
}

TEST_F(StreamedGuest, IsPausedWithoutASourceAndGoesOnWithOne) {
  add_mirror().set_fault([](http::Response& response, const Mirror::Requested& range) {
    if (range.first / chunk_size >= 10) response.status = 503;
  });
  start_export();
  start_guest();
  ASSERT_TRUE(wait_until([&] { return qmp_->status() == "io-error"; })) << qmp_->status();
  EXPECT_EQ(printed(), printed_after(9));
  ASSERT_TRUE(status_becomes("failed"));
  mirrors_[0]->set_fault({});
  ASSERT_TRUE(status_becomes("serving"));
  EXPECT_EQ(qmp_->status(), "io-error");
  qmp_->call("cont");
  EXPECT_TRUE(wait_until([&] { return printed() == printed_after(chunks_read); })) << printed();
}

TEST_F(StreamedGuest, GoesOnAfterACrashOfTheExporter) {
  add_mirror().set_fault([](http::Response&, const Mirror::Requested&) {
    std::this_thread::sleep_for(Milliseconds(30));  // a slow network, so that the crash is in mid boot
  });
  start_export();
  start_guest();
  ASSERT_TRUE(wait_until([&] { return printed().size() >= 5; }));
  crash_nbdkit();
  // QEMU connects again by itself for the next read; a read that the crash took has paused the guest.
  EXPECT_TRUE(wait_until([&] {
    if (qmp_->status() == "io-error") qmp_->call("cont");
    return printed() == printed_after(chunks_read);
  })) << printed();
}

}  // namespace
}  // namespace rescue::tests

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// The exporter on a machine that has its own faults: full and read-only file systems, silent DNS, no room for
// processes.
#include "core/handle.hpp"
#include "tests/integration/stream/certificates.hpp"
#include "tests/unit/stream/nginx.hpp"
#include "tests/unit/stream/streamed_file.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace rescue::tests {
namespace {

using ::testing::HasSubstr;

/// A tmpfs at a folder.
class Tmpfs {
public:
  Tmpfs(std::string folder, unsigned long flags, const char* options) : folder_(std::move(folder)) {
    make_folder(folder_, 0755);
    is_there_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", flags, options) == 0;
  }
  Tmpfs(const Tmpfs&) = delete;
  Tmpfs& operator=(const Tmpfs&) = delete;
  ~Tmpfs() {
    if (is_there_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool is_there() const noexcept { return is_there_; }

private:
  std::string folder_;
  bool is_there_ = false;
};

class StreamOnAFaultyMachine : public StreamedFile {
protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    if (!has("nginx")) GTEST_SKIP() << "nginx is not installed";
  }
  /// rescue-export sees `from` in the place of `at`.
  void start_with(const std::string& from, const std::string& at) {
    prefix_ = {"unshare", "--mount", "sh", "-ec", "mount --bind \"$1\" \"$2\"; shift 2; exec \"$@\"", "sh", from, at};
    start_export();
  }
  [[nodiscard]] std::string fault() const {
    return status().value(nlohmann::json::json_pointer("/cache/fault"), std::string());
  }
  [[nodiscard]] auto requests_for(std::uint64_t chunk) const {
    const auto requests = mirrors_[0]->requests();
    return std::count_if(requests.begin(), requests.end(),
                         [&](const auto& it) { return it.first == chunk * chunk_size; });
  }
};

TEST_F(StreamOnAFaultyMachine, KeepsToTheRoomOfAFullFileSystem) {
  const Tmpfs tmpfs(scratch_.file("full"), 0, "size=1m");
  if (!tmpfs.is_there()) GTEST_SKIP() << "no tmpfs can be mounted";
  add_mirror();
  settings_.cache = scratch_.file("full/cache");  // its budget: the whole file, five times as much
  start_export();
  expect_all_right();
  EXPECT_TRUE(wait_until([&] { return fault().find("No space left") != std::string::npos; })) << status();
  EXPECT_LE(count_at("/cache/budget_chunks"), 16U);
  // The cache replaces what was not read for long, as it does within a budget.
  expect_right(70 * chunk_size, 4096);
  const auto before = requests_for(70);
  expect_right(70 * chunk_size, 4096);
  EXPECT_EQ(requests_for(70), before);
}

TEST_F(StreamOnAFaultyMachine, FetchesNoRestThatHasNoRoom) {
  const Tmpfs tmpfs(scratch_.file("full"), 0, "size=1m");
  if (!tmpfs.is_there()) GTEST_SKIP() << "no tmpfs can be mounted";
  add_mirror();
  settings_.cache = scratch_.file("full/cache");
  settings_.fetch_rest = true;
  start_export();
  ASSERT_TRUE(wait_until([&] { return fault() != ""; }));
  expect_right(76 * chunk_size, 100);
  EXPECT_LT(mirrors_[0]->requests().size(), 40U);
}

TEST_F(StreamOnAFaultyMachine, ReportsACacheOnAReadOnlyFileSystem) {
#ifdef RESCUE_SANITIZED
  GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
  const Tmpfs tmpfs(scratch_.file("fixed"), MS_RDONLY, "");
  if (!tmpfs.is_there()) GTEST_SKIP() << "no tmpfs can be mounted";
  add_mirror();
  settings_.cache = scratch_.file("fixed/cache");
  EXPECT_EQ(try_to_start(), stream::exporter::not_serving);
  EXPECT_THAT(log(), HasSubstr("cannot open the cache " + settings_.cache + ": Read-only file system"));
}

TEST_F(StreamOnAFaultyMachine, IsOpenToAnotherUserInTheGroupOnly) {
#ifdef RESCUE_SANITIZED
  GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
  const auto* group = ::getgrnam("nogroup");
  if (group == nullptr || !has("nbdinfo")) GTEST_SKIP() << "there is no group nogroup, or no nbdinfo (libnbd-bin)";
  add_mirror();
  ASSERT_EQ(::chmod(scratch_.file("").c_str(), 0711), 0);  // as rescued makes the folder
  ASSERT_EQ(try_to_start({"--group", "nogroup"}), stream::exporter::serving) << message_ << log();
  const auto status_as = [&](gid_t id) {
    return run({.argv = {"setpriv", "--reuid=61234", fmt::format("--regid={}", id), "--clear-groups", "nbdinfo", uri()},
                .input = {},
                .environment = {}})
        .status;
  };
  EXPECT_EQ(status_as(group->gr_gid), 0);
  EXPECT_NE(status_as(61'234), 0);
}

TEST_F(StreamOnAFaultyMachine, TrustsNoCaButThatOfItsSettings) {
#ifdef RESCUE_SANITIZED
  GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
  // A server with a certificate of a CA of the system, in its folder of CAs, where the settings name another one.
  const Certificates system(scratch_, {.folder = "system-ca"});
  const Nginx nginx(scratch_, {.listen = "ssl", .server = system.directives()});
  scratch_.write("www/file.img", content_);
  make_folder(scratch_.file("certs"), 0755);
  run_checked({.argv = {"cp", system.ca(), scratch_.file("certs/system.pem")}, .input = {}, .environment = {}});
  run_checked({.argv = {"openssl", "rehash", scratch_.file("certs")}, .input = {}, .environment = {}});
  settings_.mirrors = {nginx.url("/file.img", "https")};
  settings_.read_limit = Milliseconds(700);
  settings_.ca_file = Certificates(scratch_, {.folder = "own-ca"}).ca();
  start_with(scratch_.file("certs"), "/etc/ssl/certs");
  EXPECT_EQ(read(0, 4096).error, EIO);
  ASSERT_TRUE(status_becomes("failed"));
  EXPECT_THAT(status()["reason"].get<std::string>(), HasSubstr("SSL certificate problem"));
}

TEST_F(StreamOnAFaultyMachine, UsesAnotherMirrorThanOneWhoseNameIsNotResolved) {
#ifdef RESCUE_SANITIZED
  GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
  // A DNS server that never answers: the C library waits for 10 s.
  const FileDescriptor silent(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  ASSERT_EQ(::inet_pton(AF_INET, "127.77.0.1", &address.sin_addr), 1);
  ASSERT_EQ(::bind(silent.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  scratch_.write("resolv.conf", "nameserver 127.77.0.1\n");
  settings_.mirrors = {"http://mirror.example/file.img"};
  add_mirror();
  settings_.connections = 1;
  settings_.connect_limit = Milliseconds(1'000);
  settings_.read_limit = Milliseconds(6'000);
  start_with(scratch_.file("resolv.conf"), std::filesystem::canonical("/etc/resolv.conf"));
  expect_right(0, 4096);
  EXPECT_TRUE(wait_until([&] { return count_at("/mirrors/0/failures") > 0; }));
}

TEST_F(StreamOnAFaultyMachine, StartsNbdkitAgainWhenThereIsRoomForAProcess) {
#ifdef RESCUE_SANITIZED
  GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
  constexpr uid_t user = 61'234;  // nobody else's: the limit counts all processes of a user
  add_mirror();
  ASSERT_EQ(::chown(scratch_.file("").c_str(), user, user), 0);
  prefix_ = {"setpriv", fmt::format("--reuid={}", user), "--clear-groups"};
  start_export();
  expect_right(0, 4096);
  const auto set_limit = [&](const char* limit) {
    auto command = prefix_;
    command.insert(command.end(),
                   {"prlimit", fmt::format("--pid={}", exporter_pid()), fmt::format("--nproc={}:", limit)});
    run_checked({.argv = command, .input = {}, .environment = {}});
  };
  set_limit("0");
  ::kill(nbdkit_pid(), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return log().find("cannot start nbdkit") != std::string::npos; }, Milliseconds(10'000)))
      << log();
  set_limit("1000");
  ASSERT_TRUE(wait_until([&] { return nbdkit_pid() > 0; }, Milliseconds(20'000)));
  expect_all_right();
}

TEST_F(StreamOnAFaultyMachine, IsReadByQemuWhereItsSizeIsNoMultipleOfASector) {
#ifdef RESCUE_SANITIZED
  GTEST_SKIP() << "nbdkit is not built with sanitizers and can't load a plugin that is";
#endif
  if (!has("qemu-img")) GTEST_SKIP() << "qemu-img is not installed (qemu-utils)";
  add_mirror();
  start_export();
  const auto copy = scratch_.file("copy.img");
  run_checked({.argv = {"qemu-img", "convert", "-f", "raw", "-O", "raw", uri(), copy}, .input = {}, .environment = {}});
  EXPECT_TRUE(read_file(copy).substr(0, file_size) == content_);
}

}  // namespace
}  // namespace rescue::tests

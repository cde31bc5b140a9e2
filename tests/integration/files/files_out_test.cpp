// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Copies files out of real NTFS volumes by the real programs, and over SFTP by OpenSSH's clients.
#include "core/subprocess.hpp"
#include "orchestrator/files/child.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/unit/files/ntfs_maker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace rescue::tests {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// First field of sha256sum's line.
std::string sha256_of(const std::string& path) {
  Command command;
  command.argv = {"sha256sum", path};
  return run_checked(command).out.substr(0, 64);
}

Completed run_words(std::vector<std::string> argv, std::string input = {}) {
  constexpr Milliseconds limit{120'000};
  Command command;
  command.argv = std::move(argv);
  command.input = std::move(input);
  command.time_limit = limit;
  return run(command);
}

class FilesOut : public ::testing::Test {
protected:
  void SetUp() override {
    if (!NtfsMaker::possible()) GTEST_SKIP() << "mkntfs is not installed";
    volume_.emplace();
  }
  [[nodiscard]] Completed files(std::vector<std::string> words) const {
    words.insert(words.begin(), {RESCUE_RESCUECTL, "files", "--image", volume_->path()});
    return run_words(std::move(words));
  }
  [[nodiscard]] std::string here(const std::string& name) const { return scratch_.file(name); }

  std::optional<NtfsMaker> volume_;
  ScratchFolder scratch_;
};

TEST_F(FilesOut, ListsVolumesAndFolders) {
  volume_->folder("Backup");
  volume_->file("Backup", "shop.bak", "data");
  EXPECT_THAT(files({"ls"}).out, HasSubstr("Data"));
  const auto answer = nlohmann::json::parse(files({"ls", "--json", "0:\\backup"}).out);
  EXPECT_EQ(answer.at("entries").at(0).at("name"), "shop.bak");
  EXPECT_EQ(answer.at("entries").at(0).at("size"), 4);
  const auto missing = files({"ls", "nowhere"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.err, HasSubstr("there is no nowhere"));
  EXPECT_EQ(files({"ls", "Q:\\"}).status, 2);
}

TEST_F(FilesOut, GetsAFolderWithAllThatCanBeReadAndSaysWhatCanNot) {
  volume_->folder("Data");
  volume_->file("Data", "good.txt", "good");
  volume_->encrypted("Data/secret.txt");
  volume_->file("Data", "bad.txt", "bad");
  volume_->damage("Data/bad.txt");
  const auto done = files({"get", "data", "--to", here("out")});
  EXPECT_EQ(done.status, 1) << "not all of it could be read";
  EXPECT_THAT(done.err, HasSubstr("secret.txt: encrypted by Windows (EFS)"));
  EXPECT_THAT(done.err, HasSubstr("bad.txt: damaged"));
  EXPECT_EQ(content_of(here("out/Data/good.txt")), "good") << "in the volume's spelling";
  EXPECT_FALSE(fs::exists(here("out/Data/secret.txt")));
}

TEST_F(FilesOut, WritesNothingOutsideOfTheFolder) {
  volume_->folder("Data");
  // Names that no Windows makes, but a disk can hold.
  volume_->file("Data", "..", "evil");
  volume_->file("Data", "../evil", "evil");
  volume_->file("Data", "good", "good");
  fs::create_directories(here("out"));
  fs::create_directory_symlink(here(""), here("out/Data"));
  EXPECT_THAT(files({"get", "Data", "--to", here("out")}).err, HasSubstr("is no folder"));
  EXPECT_FALSE(fs::exists(here("good"))) << "through a symbolic link";
  const auto done = files({"get", "Data", "--to", here("new")});
  EXPECT_THAT(done.err, HasSubstr("can't be a name here"));
  EXPECT_EQ(content_of(here("new/Data/good")), "good");
  EXPECT_FALSE(fs::exists(here("new/evil")));
  EXPECT_EQ(std::distance(fs::directory_iterator(here("new/Data")), {}), 1) << "and no partial file";
}

TEST_F(FilesOut, ReplacesOnlyByForceAndKeepsTimes) {
  volume_->file("", "a.txt", "new");
  ASSERT_EQ(files({"get", "a.txt", "--to", here("out")}).status, 0);
  std::ofstream(here("out/a.txt")) << "mine";
  EXPECT_THAT(files({"get", "a.txt", "--to", here("out")}).err, HasSubstr("exists already"));
  EXPECT_EQ(content_of(here("out/a.txt")), "mine");
  EXPECT_EQ(files({"get", "a.txt", "--to", here("out"), "--force"}).status, 0);
  EXPECT_EQ(content_of(here("out/a.txt")), "new");
  struct stat before {};
  struct stat after {};
  ASSERT_EQ(files({"get", "a.txt", "--to", here("again")}).status, 0);
  ::stat(here("out/a.txt").c_str(), &before);
  ::stat(here("again/a.txt").c_str(), &after);
  EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
  EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec) << "the volume's, not that of the copy";
}

TEST_F(FilesOut, ArchivesForTar) {
  std::string long_name(200, 'x');
  volume_->folder(long_name);
  volume_->file(long_name, "日本.txt", "in a long folder");
  volume_->file("", "b.txt", "b");
  const auto archive = files({"archive", long_name, "b.txt"});
  ASSERT_EQ(archive.status, 0) << archive.err;
  scratch_.write("x.tar", archive.out);
  ASSERT_EQ(run_words({"tar", "--extract", "--file", here("x.tar"), "--directory", here("")}).status, 0);
  EXPECT_EQ(content_of(here(long_name + "/日本.txt")), "in a long folder");
  EXPECT_EQ(content_of(here("b.txt")), "b");
}

/// rescuectl files serve, with a key of a customer.
class Sftp : public FilesOut {
protected:
  void SetUp() override {
    FilesOut::SetUp();
    if (IsSkipped()) return;
    if (!fs::exists("/usr/bin/sftp")) GTEST_SKIP() << "openssh-client is not installed";
    for (const auto* const key : {"customer", "stranger"}) {
      run_words({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", here(key)});
    }
  }
  void serve() {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const FileDescriptor out(ends[0]);
    {
      const FileDescriptor into(ends[1]);
      server_ = files::Child({RESCUE_RESCUECTL, "--json", "files", "--image", volume_->path(), "serve", "--listen",
                              "127.0.0.1:0", "--authorized-keys", here("customer.pub")},
                             {-1, into.get()});
    }
    std::string text;
    char byte = 0;
    while (!text.ends_with("}\n") && ::read(out.get(), &byte, 1) == 1) text += byte;
    started_ = nlohmann::json::parse(text);
  }
  [[nodiscard]] std::vector<std::string> client(const std::string& program, const std::string& key = "customer") const {
    return {program,
            "-P",
            std::to_string(started_.at("port").get<int>()),
            "-i",
            here(key),
            "-oIdentitiesOnly=yes",
            "-oBatchMode=yes",
            "-oStrictHostKeyChecking=yes",
            "-oUserKnownHostsFile=" + here("known_hosts")};
  }
  void trust() const {
    scratch_.write("known_hosts", fmt::format("[127.0.0.1]:{} {}\n", started_.at("port").get<int>(),
                                              started_.at("host_key").get<std::string>()));
  }
  [[nodiscard]] Completed sftp(const std::string& commands, const std::string& key = "customer") const {
    auto argv = client("sftp", key);
    argv.insert(argv.end(), {"-b", "-", "anyone@127.0.0.1"});
    return run_words(argv, commands);
  }

  files::Child server_;
  nlohmann::json started_;
};

TEST_F(Sftp, GivesFilesToTheCustomersKeyAndTakesNone) {
  volume_->file("", "a.txt", "from the volume");
  constexpr std::uint64_t large = 300U << 20U;
  volume_->sparse("large.bin", large, "the end");
  serve();
  trust();
  const auto got = sftp(fmt::format("cd /volume.raw0\nls -l\nget a.txt {0}\nget large.bin {0}\n", here("")));
  ASSERT_EQ(got.status, 0) << got.err;
  EXPECT_THAT(got.out, HasSubstr("large.bin"));
  EXPECT_EQ(content_of(here("a.txt")), "from the volume");
  scratch_.write("expected.bin", "");
  fs::resize_file(here("expected.bin"), large - 7);
  std::ofstream(here("expected.bin"), std::ios::app | std::ios::binary) << "the end";
  EXPECT_EQ(sha256_of(here("large.bin")), sha256_of(here("expected.bin")));
  for (const auto* const change : {"put {}/a.txt /volume.raw0/b.txt", "rm /volume.raw0/a.txt", "mkdir /volume.raw0/x",
                                   "rename /volume.raw0/a.txt /volume.raw0/c.txt"}) {
    const auto refused = sftp(fmt::format(fmt::runtime(change), here("")) + "\n");
    EXPECT_NE(refused.status, 0) << change;
    EXPECT_THAT(refused.err, AnyOf(HasSubstr("ermission denied"), HasSubstr("unsupported"))) << change;
  }
}

TEST_F(Sftp, RefusesAStrangerAndEverythingButSftp) {
  serve();
  trust();
  EXPECT_THAT(sftp("ls\n", "stranger").err, HasSubstr("Permission denied (publickey)"));
  auto shell = client("ssh");
  shell[1] = "-p";
  shell.insert(shell.end(), {"anyone@127.0.0.1", "id"});
  const auto refused = run_words(shell);
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.out, Not(HasSubstr("uid=")));
}

TEST_F(Sftp, ListsAFolderOfTenThousandNames) {
  constexpr int many = 10'000;
  volume_->folder("Many");
  volume_->files("Many", many);
  serve();
  trust();
  auto scp = client("scp");
  scp.insert(scp.end(), {"-q", "anyone@127.0.0.1:/volume.raw0/Many/file-09999.txt", here("")});
  EXPECT_EQ(run_words(scp).status, 0);
  EXPECT_EQ(content_of(here("file-09999.txt")), "9999");
  const auto listed = sftp("ls -1 /volume.raw0/Many\n").out;
  EXPECT_EQ(std::count(listed.begin(), listed.end(), '\n'), many + 1) << "and the line of the command";
}

TEST_F(FilesOut, IsOffWithoutAKey) {
  const auto off = files({"serve", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(off.status, 3);
  EXPECT_THAT(off.err, HasSubstr("SFTP is off"));
  EXPECT_THAT(off.err, HasSubstr("--authorized-keys"));
}

}  // namespace
}  // namespace rescue::tests

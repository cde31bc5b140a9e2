// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Manifests of format 2: each field is read, written and checked, with the path in the error.

#include "images/manifest.hpp"
#include "images/manifest_fields.hpp"
#include "tests/doubles/thrown.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <gmock/gmock.h>

namespace rescue::tests {
namespace {

using images::Manifest;
using images::UnknownFields;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Manifest parsed(const json& manifest, UnknownFields unknown = UnknownFields::ignored) {
  return Manifest::parse_text("manifest.json", manifest.dump(), unknown);
}

Error refusal_of(const json& manifest, UnknownFields unknown = UnknownFields::ignored) {
  auto error = error_of([&] { (void)parsed(manifest, unknown); });
  EXPECT_EQ(error.code(), ErrorCode::config_invalid);
  return error;
}

TEST(ManifestTwo, HasEveryField) {
  const auto manifest = parsed(full_manifest(), UnknownFields::refused);
  EXPECT_EQ(manifest.number, 2U);
  EXPECT_EQ(manifest.name, "windows-2022");
  EXPECT_EQ(manifest.counter, 7U);
  EXPECT_EQ(manifest.kind, images::Kind::windows_server);
  EXPECT_EQ(manifest.windows->build, 20348U);
  EXPECT_EQ(manifest.windows->edition, "ServerStandard");
  EXPECT_THAT(manifest.languages, ElementsAre("en-US", "de-DE"));
  EXPECT_EQ(images::text_of(*manifest.created), "2026-11-20T10:00:00Z");
  EXPECT_EQ(images::text_of(*manifest.expires), "2027-11-20T00:00:00Z");
  EXPECT_EQ(manifest.pinned->drivers.at("vioscsi"), "100.95.104.26200");
  EXPECT_EQ(manifest.contract->results.at(0).point, "C1");
  EXPECT_EQ(manifest.contract->results.at(0).result, "pass");
  EXPECT_EQ(manifest.profile.os, "windows");
  EXPECT_THAT(manifest.profile.hyperv, ElementsAre("relaxed", "vapic"));
  EXPECT_EQ(manifest.profile.least_memory_mib, 2048U);
  EXPECT_EQ(manifest.system_disk().chunks->name, "system.qcow2.chunks");
  ASSERT_NE(manifest.boot_profile(), nullptr);
  EXPECT_EQ(manifest.boot_profile()->name, "boot.profile");
}

TEST(ManifestTwo, IsWrittenAsItIsRead) { EXPECT_EQ(json(images::json_of(parsed(full_manifest()))), full_manifest()); }

TEST(ManifestTwo, HasDefaultsForWhatAnImageNeedNotSay) {
  auto manifest = full_manifest();
  for (const auto* field : {"channel", "languages", "licence", "expires", "pinned", "contract"}) manifest.erase(field);
  for (const auto* field : {"machine", "nic", "tpm", "hyperv", "agent", "ports", "administrator", "set_hostname"}) {
    manifest["profile"].erase(field);
  }
  manifest["kind"] = "standin";
  manifest.erase("windows");
  const auto least = parsed(manifest, UnknownFields::refused);
  EXPECT_EQ(least.channel, "stable");
  EXPECT_EQ(least.profile.os, "standin");
  EXPECT_EQ(least.profile.machine, "q35");
  EXPECT_EQ(least.profile.ssh_port, 22U);
  EXPECT_FALSE(least.windows || least.expires || least.pinned || least.contract);
}

TEST(ManifestTwo, OfANewerNumberIsRefusedWithTheRemedy) {
  auto manifest = full_manifest();
  manifest["manifest"] = 3;
  manifest.erase("profile");
  const auto error = refusal_of(manifest);
  EXPECT_THAT(error.what(), HasSubstr("manifest: is 3, this program reads manifests up to 2"));
  EXPECT_THAT(error.hint(), HasSubstr("the rescue system"));
}

TEST(ManifestTwo, WithUnknownFieldsIsForHostsButNotForTools) {
  for (const auto* place : {"", "/profile", "/pinned", "/files/0", "/files/0/chunks", "/files/1", "/windows"}) {
    auto manifest = full_manifest();
    manifest[json::json_pointer(std::string(place) + "/colour")] = "blue";
    EXPECT_EQ(parsed(manifest).name, "windows-2022") << place;
    EXPECT_THAT(refusal_of(manifest, UnknownFields::refused).what(), HasSubstr("colour: is not a known key")) << place;
  }
}

TEST(ManifestTwo, WithAFeatureThatIsNotKnownIsRefused) {
  auto manifest = full_manifest();
  manifest["requires"] = json::array();
  EXPECT_EQ(parsed(manifest).name, "windows-2022");
  manifest["requires"] = {"two-system-disks"};
  const auto error = refusal_of(manifest);
  EXPECT_THAT(error.what(), HasSubstr("requires[0]: needs the feature 'two-system-disks'"));
  EXPECT_THAT(error.hint(), HasSubstr("Update"));
}

TEST(ManifestTwo, IsRefusedWithThePathOfEachWrongField) {
  const std::string long_text(5000, 'x');
  const struct {
    const char* path;
    json value;
    const char* message;
  } wrong[]{
      {"/name", "Windows 2022", "name: must be of lower-case"},
      {"/name", "../x", "name: must be of lower-case"},
      {"/version", "a\nb", "version: must be one line"},
      {"/version", long_text, "version: must have 200 bytes"},
      {"/counter", 0, "counter: must be a whole number from 1"},
      {"/counter", "7", "counter: must be a whole number"},
      {"/kind", "linux", "kind: 'linux' is not one of"},
      {"/windows", nullptr, "'windows' is missing"},
      {"/windows/build", 10, "windows.build: must be a whole number from 7600"},
      {"/languages/0", "english please", "languages[0]: must be the tag"},
      {"/languages", std::vector<std::string>(65, "en"), "languages: must have 64 items"},
      {"/licence", long_text, "licence: must have 4096 bytes"},
      {"/created", nullptr, "'created' is missing"},
      {"/created", "20 November 2026", "created: must be a time in UTC"},
      {"/created", "2026-02-30T00:00:00Z", "created: must be a time in UTC"},
      {"/created", "2026-11-20T24:00:00Z", "created: must be a time in UTC"},
      {"/created", "2026-11-20T10:00:00", "created: must be a time in UTC"},
      {"/created", "2026-11-20T10:00:00+01:00", "created: must be a time in UTC"},
      {"/created", "2026-11-20T10:00:00.Z", "created: must be a time in UTC"},
      {"/expires", "2026-11-20T10:00:00Z", "expires: must be after"},
      {"/pinned/drivers", 1, "pinned.drivers: must be a mapping"},
      {"/pinned/drivers/vioscsi", 1, "pinned.drivers.vioscsi: must be a string"},
      {"/contract/results", std::vector<json>(300), "contract.results: must have 256"},
      {"/contract/results/0/point", "", "contract.results[0].point: must not be empty"},
      {"/profile/machine", "microvm", "profile.machine: 'microvm' is not one of"},
      {"/profile/hyperv", "relaxed", "profile.hyperv: must be a list"},
      {"/profile/least_memory_mib", nullptr, "'least_memory_mib' is missing"},
      {"/profile/ports/ssh", 65536, "profile.ports.ssh: must be a whole number from 1 to 65535"},
      {"/profile/set_hostname/0", "cmd\n", "profile.set_hostname[0]: must have no control characters"},
      {"/profile/set_hostname", std::vector<std::string>(17, "x"), "profile.set_hostname: must have 16 items"},
      {"/files", json::array(), "files: must name exactly one file"},
      {"/files/0/name", "manifest.json", "files[0].name: is a reserved name"},
      {"/files/0/name", "../system.qcow2", "files[0].name: must be a plain file name"},
      {"/files/0/size", 0, "files[0].size: must be a whole number from 1"},
      {"/files/0/chunks/name", "boot.profile", "files[1].name: is given twice"},
      {"/files/1/size", 1U << 30U, "files[1].size: must be a whole number from 1 to 16777216"},
      {"/files/1/sha256", "A", "files[1].sha256: must be 64 hex digits"},
      {"/files/1/role", "readme", "files[1].role: 'readme' is not one of"},
  };
  for (const auto& one : wrong) {
    auto manifest = full_manifest();
    manifest[json::json_pointer(one.path)] = one.value;
    EXPECT_THAT(refusal_of(manifest).what(), HasSubstr(one.message)) << one.path << " " << one.value.dump();
  }
}

TEST(ManifestTwo, HasTheVerifiersRecordWithMoreThanIsRead) {
  auto manifest = full_manifest();
  manifest["contract"] = {{"date", "2026-11-21T10:00:00.123Z"},
                          {"qemu", ""},
                          {"kvm", false},
                          {"results", json::array({{{"point", "C1"}, {"result", "fail"}, {"took_ms", 3}}})}};
  const auto record = *parsed(manifest, UnknownFields::refused).contract;
  EXPECT_EQ(record.qemu, "");
  EXPECT_EQ(record.results.at(0).result, "fail");
}

TEST(ManifestTwo, KeepsTheBlanksOfACommand) {
  auto manifest = full_manifest();
  manifest["profile"]["set_hostname"] = {"powershell", " a  b "};
  EXPECT_THAT(parsed(manifest).profile.set_hostname, ElementsAre("powershell", " a  b "));
}

TEST(ManifestTwo, MayHaveATimeWithAFraction) {
  auto manifest = full_manifest();
  manifest["created"] = "2026-11-20T10:00:00.250Z";
  EXPECT_EQ(images::text_of(*parsed(manifest).created), "2026-11-20T10:00:00Z");
}

TEST(ManifestTwo, IsOfBoundedSize) {
  const auto text = full_manifest().dump() + std::string(Manifest::largest, ' ');
  EXPECT_THAT(error_of([&] { (void)Manifest::parse_text("manifest.json", text); }).what(),
              HasSubstr("a manifest has 1048576 at most"));
}

TEST(ManifestTwo, OfTheStandinIsReadByTheTools) {
  ScratchFolder folder;
  Command command;
  command.argv = {"bash", "-euo", "pipefail", "-c", R"(
    . "$1"
    fail() { echo "$2" >&2; exit "$1"; }
    chunks='' version=2026.11.0+1 firmware=uefi disk_bus=virtio-scsi image_digest=$(printf '%064d' 0)
    qemu-img create -q -f qcow2 "$2/standin.qcow2" 1M
    write_manifest "$2/standin.qcow2" "$2/manifest.json")", "bash", RESCUE_STANDIN_PUBLISH, folder.file("")};
  if (run({.argv = {"sh", "-c", "command -v qemu-img jq"}, .input = {}, .environment = {}}).status != 0) {
    GTEST_SKIP() << "needs qemu-img (qemu-utils) and jq";
  }
  run_checked(command);
  const auto manifest =
      Manifest::parse_text("manifest.json", read_file(folder.file("manifest.json")), UnknownFields::refused);
  EXPECT_EQ(manifest.number, 2U);
  EXPECT_EQ(manifest.kind, images::Kind::standin);
  EXPECT_GT(manifest.counter, 1'700'000'000U);
  EXPECT_EQ(manifest.system_disk().virtual_size, 1U << 20U);
}

TEST(ManifestOne, StaysReadable) {
  const auto manifest = parsed(json::parse(R"({"format": 1, "name": "test", "version": "1",
    "profile": {"os": "windows", "firmware": "uefi", "disk_bus": "virtio-scsi"},
    "files": [{"name": "system.qcow2", "role": "system-disk", "format": "qcow2", "size": 23,
               "sha256": "0000000000000000000000000000000000000000000000000000000000000000"}]})"));
  EXPECT_EQ(manifest.number, 1U);
  EXPECT_EQ(manifest.counter, 0U);
  EXPECT_EQ(manifest.profile.os, "windows");
  EXPECT_FALSE(manifest.windows);
  EXPECT_EQ(error_of([&] { (void)images::json_of(manifest); }).code(), ErrorCode::usage);
}

TEST(ManifestTwo, HasActionsForTheGuest) {
  using contract::GuestAction;
  auto manifest = full_manifest();
  manifest["profile"]["actions"] = json::parse(R"({
    "ssh_keys": {"file": "C:\\ssh\\keys", "crlf": true, "commands": [["icacls.exe", "C:\\ssh\\keys", "/reset"]]},
    "login_text": {"file": "/etc/motd", "before_login": true},
    "message": {"commands": [["wall", "{text}"]]}})");
  const auto read = parsed(manifest, UnknownFields::refused);
  const auto& actions = read.profile.actions;
  ASSERT_EQ(actions.size(), 3U);
  EXPECT_EQ(actions.at(GuestAction::ssh_keys).file, "C:\\ssh\\keys");
  EXPECT_TRUE(actions.at(GuestAction::ssh_keys).crlf);
  EXPECT_TRUE(actions.at(GuestAction::login_text).before_login);
  EXPECT_THAT(actions.at(GuestAction::message).commands, ElementsAre(ElementsAre("wall", "{text}")));
  EXPECT_EQ(json(images::json_of(read)), manifest);
}

TEST(ManifestTwo, NamesTheFaultOfAnAction) {
  const auto with = [](const char* actions) {
    auto manifest = full_manifest();
    manifest["profile"]["actions"] = json::parse(actions);
    return manifest;
  };
  for (const auto* const wrong : {R"([])", R"({"message": {}})", R"({"message": {"commands": "wall"}})",
                                  R"({"login_text": {"file": "a\nb"}})", R"({"message": {"commands": [[7]]}})"}) {
    (void)refusal_of(with(wrong));
  }
  EXPECT_THAT(refusal_of(with(R"({"mesage": {"file": "/x"}})"), UnknownFields::refused).hint(), HasSubstr("message"));
  EXPECT_TRUE(parsed(with(R"({"of_tomorrow": {"file": "/x"}})")).profile.actions.empty()) << "a host ignores it";
}

}  // namespace
}  // namespace rescue::tests

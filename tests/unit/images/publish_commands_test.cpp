// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Runs `rescue-image sign`, `catalogue` and `gc` as an operator does, from signed images to a rotated key.

#include "images/acceptance.hpp"
#include "images/store.hpp"
#include "tests/unit/images/minisign_keys.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace rescue::tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class PublishCommands : public ::testing::Test {
protected:
  PublishCommands() {
    (void)make_key(folder_, "image");
    for (const auto* name : {"windows-2022", "windows-2025"}) {
      const std::string folder = std::string("www/") + name;
      make_folder(folder_.file(folder), 0755);
      folder_.write(folder + "/system.qcow2", "the content of an image");
      auto manifest = full_manifest();
      manifest["name"] = name;
      manifest["expires"] = "2199-01-01T00:00:00Z";
      manifest["contract"]["machine"] = "pc-q35-7.2";  // the verifier's own
      manifest["files"].erase(1);
      manifest["files"][0]["sha256"] = images::sha256_of_file(folder_.file(folder + "/system.qcow2"));
      folder_.write(folder + "/manifest.json", manifest.dump());
    }
  }
  static Completed rescue_image(std::vector<std::string> arguments) {
    Command command;
    command.argv = {RESCUE_IMAGE};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return run(command);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] Completed sign(const std::string& name, const std::string& key,
                               const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"sign", "--manifest", file("www/" + name + "/manifest.json"), "--key",
                                       file(key + ".key")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return rescue_image(arguments);
  }
  [[nodiscard]] Completed catalogue(const std::string& key, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"catalogue",        "--folder",     file("www"),  "--key",
                                       file(key + ".key"), "--public-key", file("keys"), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return rescue_image(arguments);
  }
  void expect_chosen(const std::string& name) const {
    const auto store = images::Store::open({file("www"), file("keys"), file("verified.json"), {}});
    EXPECT_EQ(store.manifest().name, name);
    EXPECT_NO_THROW((void)store.verified(store.manifest().system_disk()));
  }

  ScratchFolder folder_;
};

TEST_F(PublishCommands, MakeACatalogueThatRescuedReads) {
  for (const auto* name : {"windows-2022", "windows-2025"}) EXPECT_EQ(sign(name, "image").status, 0);
  const auto result = catalogue("image", {"--default", "windows-2022", "--expire-in", "90"});
  EXPECT_EQ(result.status, 0) << result.err;
  const auto written = json::parse(result.out);
  EXPECT_EQ(written, json::parse(read_file(file("www/catalogue.json"))));
  EXPECT_EQ(written["images"].size(), 2U);
  EXPECT_TRUE(written.contains("expires"));
  expect_chosen("windows-2022");
}

TEST_F(PublishCommands, RotateAKey) {
  for (const auto* name : {"windows-2022", "windows-2025"}) EXPECT_EQ(sign(name, "image").status, 0);
  EXPECT_EQ(catalogue("image", {"--default", "windows-2022"}).status, 0);
  const auto old_id = images::PublicKey::from_file(file("keys/image.pub")).id();
  (void)make_key(folder_, "new");
  expect_chosen("windows-2022");
  for (const auto* name : {"windows-2022", "windows-2025"}) EXPECT_EQ(sign(name, "new").status, 0);
  EXPECT_EQ(catalogue("new").status, 0);
  folder_.write("keys/revoked", old_id + "\n");
  expect_chosen("windows-2022");
  EXPECT_EQ(sign("windows-2025", "image").status, 0);
  const auto refused = catalogue("new");
  EXPECT_EQ(refused.status, 3);
  EXPECT_THAT(refused.err, HasSubstr("signed with the key " + old_id + ", which is revoked"));
}

TEST_F(PublishCommands, SignWithoutAChangeOfTheManifestUnlessOneIsAskedFor) {
  const auto path = file("www/windows-2022/manifest.json");
  const auto before = read_file(path);
  EXPECT_THAT(sign("windows-2022", "image").out, HasSubstr("windows-2022 2026.11.0, counter 7"));
  EXPECT_EQ(read_file(path), before);
  EXPECT_EQ(sign("windows-2022", "image", {"--new-counter", "--expire-in", "30"}).status, 0);
  const auto after = json::parse(read_file(path));
  EXPECT_GT(after["counter"], 1'700'000'000);
  EXPECT_LT(after["expires"], "2199");
  EXPECT_EQ(after["contract"]["machine"], "pc-q35-7.2") << "other fields stay";
}

TEST_F(PublishCommands, DoNotSignAMisspeltManifest) {
  auto manifest = full_manifest();
  manifest["profile"]["least_memory"] = 4096;
  folder_.write("www/windows-2022/manifest.json", manifest.dump());
  const auto result = sign("windows-2022", "image");
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("profile.least_memory: is not a known key"));
  EXPECT_THAT(result.err, HasSubstr("least_memory_mib"));
  EXPECT_FALSE(std::filesystem::exists(file("www/windows-2022/manifest.json.minisig")));
}

TEST_F(PublishCommands, CollectWhatTheCatalogueNoLongerNames) {
  EXPECT_EQ(sign("windows-2022", "image").status, 0);
  std::filesystem::rename(file("www/windows-2025"), file("windows-2025"));
  EXPECT_EQ(catalogue("image").status, 0);
  std::filesystem::rename(file("windows-2025"), file("www/windows-2025"));

  const auto waits = rescue_image({"gc", "--folder", file("www")});
  EXPECT_THAT(waits.out, HasSubstr("waits "));
  EXPECT_THAT(waits.out, HasSubstr("0.0 MiB removed"));
  const auto dry =
      json::parse(rescue_image({"gc", "--folder", file("www"), "--grace", "0", "--dry-run", "--json"}).out);
  EXPECT_EQ(dry["items"][0]["path"], "windows-2025");
  EXPECT_EQ(dry["items"][0]["state"], "removable");
  EXPECT_TRUE(std::filesystem::exists(file("www/windows-2025/system.qcow2")));
  const auto gone = json::parse(rescue_image({"gc", "--folder", file("www"), "--grace", "0", "--json"}).out);
  EXPECT_EQ(gone["items"][0]["state"], "removed");
  EXPECT_EQ(gone["bytes"], dry["bytes"]);
  EXPECT_FALSE(std::filesystem::exists(file("www/windows-2025")));
  EXPECT_TRUE(std::filesystem::exists(file("www/windows-2022/system.qcow2")));
  EXPECT_EQ(rescue_image({"gc", "--folder", file("keys")}).status, 3);
}

}  // namespace
}  // namespace rescue::tests

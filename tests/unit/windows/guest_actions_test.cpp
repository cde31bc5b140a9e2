// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Actions of Windows images: golden, and what a quoted script must not have. tests/powershell/check parses the golden
// file.
#include "core/file.hpp"
#include "images/manifest.hpp"
#include "images/windows/guest_actions.hpp"
#include "images/windows/windows_manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace rescue::tests {
namespace {

using contract::GuestAction;
using ::testing::HasSubstr;
using ::testing::Not;

/// As the manifest of an image has them.
nlohmann::ordered_json actions_of_manifest() {
  auto manifest = windows::manifest_of({}, "windows");
  manifest.created = WallTime{};
  return images::json_of(manifest).at("profile").at("actions");
}

TEST(WindowsActions, AreTheAcceptedOnes) {
  const std::string path = RESCUE_GOLDEN_FOLDER "/guest-actions.json";
  const auto now = actions_of_manifest().dump(2) + "\n";
  if (std::getenv("RESCUE_TEST_ACCEPT") != nullptr) write_file_atomically(path, now, 0644);
  EXPECT_EQ(now, read_file(path)) << "look at the difference, then accept it with RESCUE_TEST_ACCEPT=1";
}

TEST(WindowsActions, CanBeQuotedOnAnyCommandLine) {
  for (const auto& [action, procedure] : windows::guest_actions()) {
    for (const auto& argv : procedure.commands) {
      for (const auto& argument : argv) {
        EXPECT_THAT(argument, Not(HasSubstr("\""))) << name_of(action);
        EXPECT_LT(argument.size(), 4'096U) << name_of(action);
      }
    }
  }
}

TEST(WindowsActions, LetNobodyElseWriteTheKeys) {
  const auto keys = windows::guest_actions().at(GuestAction::ssh_keys);
  ASSERT_FALSE(keys.commands.empty());
  const auto& last = keys.commands.back();
  EXPECT_THAT(last, ::testing::IsSupersetOf({keys.file, std::string("/inheritance:r"), std::string("*S-1-5-32-544:F"),
                                             std::string("*S-1-5-18:F")}));
  EXPECT_FALSE(keys.crlf);
}

TEST(WindowsActions, ShowNoDisksBeforeTheLogin) {
  EXPECT_TRUE(windows::guest_actions().at(GuestAction::login_text).before_login);
  EXPECT_FALSE(windows::guest_actions().at(GuestAction::desktop_text).before_login);
}

}  // namespace
}  // namespace rescue::tests

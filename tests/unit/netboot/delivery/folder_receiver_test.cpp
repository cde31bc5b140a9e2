// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"
#include "delivered.hpp"
#include "netboot/delivery/folder_receiver.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace rescue::netboot {
namespace {

class HelpdeskFolder : public ::testing::Test {
protected:
  DeliveryAttempt deliver(DeliveryKind kind, const std::string& session) {
    auto facts = sample_access().facts;
    facts.connection.session = session;
    facts.connection.ticket = "123-456-789";
    facts.connection.addresses.at(0).viewer_port = 3390;
    const DeliveryRecord record{7, ServerName::parse("web-01"), session, kind};
    return receiver_.deliver(record, facts, {});
  }
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.file(""))) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  tests::ScratchFolder folder_;
  FolderReceiver receiver_{FolderSettings{folder_.file("")}};
};

TEST_F(HelpdeskFolder, LosesTheFilesOfASessionThatHasEnded) {
  folder_.write("web-02.json", "{}");
  EXPECT_EQ(deliver(DeliveryKind::access, "s-1").outcome, DeliveryAttempt::Outcome::done);
  EXPECT_EQ(files(), (std::set<std::string>{"web-01.inv32.xml", "web-01.json", "web-01.known_hosts", "web-01.rdp",
                                            "web-02.json"}));
  EXPECT_EQ(deliver(DeliveryKind::ended, "s-1").outcome, DeliveryAttempt::Outcome::done);
  EXPECT_EQ(files(), (std::set<std::string>{"web-02.json"}));
  EXPECT_EQ(deliver(DeliveryKind::ended, "s-1").outcome, DeliveryAttempt::Outcome::done) << "idempotent";
}

TEST_F(HelpdeskFolder, KeepsTheFilesOfALaterSession) {
  (void)deliver(DeliveryKind::access, "s-1");
  (void)deliver(DeliveryKind::access, "s-2");
  const auto before = files();
  EXPECT_EQ(deliver(DeliveryKind::ended, "s-1").outcome, DeliveryAttempt::Outcome::done) << "it came late";
  EXPECT_EQ(files(), before);
}

TEST_F(HelpdeskFolder, KeepsFilesThatAreNotOurs) {
  for (const auto* const other : {"not JSON", "[]", R"({"session": 1})"}) {
    folder_.write("web-01.json", other);
    EXPECT_EQ(deliver(DeliveryKind::ended, "s-1").outcome, DeliveryAttempt::Outcome::done);
    EXPECT_EQ(read_file(folder_.file("web-01.json")), other);
  }
}

}  // namespace
}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/host/file_journal.hpp"
#include "tests/doubles/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace rescue::tests {
namespace {

namespace fs = std::filesystem;
using linux::FileJournal;

/// A netbooted host with a disk for the overlays, which outlives the host's power.
class JournalBesideOverlays : public ::testing::Test {
protected:
  JournalBesideOverlays() {
    fs::create_directories(folder_of("web-01-1"));
    fs::create_directories(folder_.file("state"));
  }
  [[nodiscard]] std::string overlays() const { return folder_.file("changes"); }
  [[nodiscard]] std::string folder_of(const std::string& session) const { return overlays() + "/rescue-" + session; }
  [[nodiscard]] std::string overlay_of(const std::string& session) const { return folder_of(session) + "/sda.qcow2"; }
  [[nodiscard]] FileJournal journal() const { return FileJournal(folder_.file("state/session.json"), overlays()); }
  [[nodiscard]] domain::SessionRecord serving(const std::string& session, int started = 1) const {
    domain::SessionRecord record;
    record.id = session;
    record.phase = domain::Phase::serving;
    record.started = WallTime(Milliseconds(started));
    record.plan.emplace();
    record.plan->guest.disk_mode = domain::DiskMode::overlay;
    domain::GuestDisk disk;
    disk.disk.path = "/dev/sda";
    disk.source = overlay_of(session);
    record.plan->guest.disks.push_back(disk);
    return record;
  }
  void save_with_overlay(const domain::SessionRecord& record) const {
    fs::create_directories(folder_of(record.id));
    std::ofstream(overlay_of(record.id)) << "written by the guest";
    journal().save(record);
  }
  void cut_power() const { fs::remove(folder_.file("state/session.json")); }

  ScratchFolder folder_;
};

TEST_F(JournalBesideOverlays, OutlivesThePowerOfTheHost) {
  save_with_overlay(serving("web-01-1"));
  cut_power();
  const auto found = journal().load();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "web-01-1");
  EXPECT_EQ(found->phase, domain::Phase::serving);
  const auto mode = fs::status(folder_of("web-01-1") + "/session.json").permissions();
  EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(JournalBesideOverlays, GoesWithTheLastOverlay) {
  auto record = serving("web-01-1");
  save_with_overlay(record);
  fs::remove(overlay_of("web-01-1"));
  record.phase = domain::Phase::finished;
  journal().save(record);
  EXPECT_FALSE(fs::exists(folder_of("web-01-1")));
  cut_power();
  EXPECT_FALSE(journal().load());
}

TEST_F(JournalBesideOverlays, ComesAfterASessionOfThisHost) {
  save_with_overlay(serving("web-01-1"));
  auto other = serving("web-01-2", 2);
  save_with_overlay(other);
  EXPECT_EQ(journal().load()->id, "web-01-2") << "it may have a guest";
  other.phase = domain::Phase::finished;
  fs::remove(overlay_of("web-01-2"));
  journal().save(other);
  EXPECT_EQ(journal().load()->id, "web-01-1") << "it waits for a decision";
}

TEST_F(JournalBesideOverlays, IsTheOldestOfSeveral) {
  save_with_overlay(serving("web-01-2", 2));
  save_with_overlay(serving("web-01-1", 1));
  cut_power();
  EXPECT_EQ(journal().load()->id, "web-01-1");
}

TEST_F(JournalBesideOverlays, IsNotTakenFromAFolderOfAnotherSession) {
  save_with_overlay(serving("web-01-1"));
  fs::rename(folder_of("web-01-1"), folder_of("web-01-9"));
  cut_power();
  EXPECT_FALSE(journal().load()) << "its overlays are elsewhere";
  std::ofstream(folder_of("web-01-9") + "/session.json") << "{";
  EXPECT_THROW((void)journal().load(), Error) << "and nothing is written over it";
}

TEST_F(JournalBesideOverlays, IsNotWrittenForChangesInMemory) {
  auto record = serving("web-01-1");
  record.plan->changes_mib = 1'024;
  save_with_overlay(record);
  EXPECT_FALSE(fs::exists(folder_of("web-01-1") + "/session.json"));
}

TEST_F(JournalBesideOverlays, IsNotMissedWhereThereIsNoFolder) {
  EXPECT_FALSE(FileJournal(folder_.file("state/session.json"), "/nonexistent/changes").load());
}

}  // namespace
}  // namespace rescue::tests

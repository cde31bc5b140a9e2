// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/stream.hpp"
#include "netboot/events/event_feed.hpp"
#include "netboot/service/sessions.hpp"
#include "netboot/service/tasks.hpp"
#include "netboot/store/database.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <nlohmann/json.hpp>

#include <thread>

namespace rescue::netboot {
namespace {

using nlohmann::json;
using std::chrono::hours;

class EventLog : public Stored {
protected:
  void add(const std::string& name = "web-01", const std::string& mac = "52:54:00:00:00:01") {
    auto server = server_named(name, mac);
    if (name == "web-01") server.address = "203.0.113.7";
    servers().add(server);
  }
  /// Events since the last call.
  std::vector<Event> recorded() {
    Events events(store());
    events.record();
    auto found = events.after(seen_, 1000);
    if (!found.empty()) seen_ = found.back().id;
    return found;
  }
  /// Data of the only new event.
  json data() {
    const auto found = recorded();
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? json() : json::parse(found.front().data);
  }

  long long seen_ = 0;
};

TEST_F(EventLog, SaysOfServersWhatHasBecomeOfThem) {
  add();
  EXPECT_EQ(data(), (json{{"server", "web-01"}, {"change", "added"}, {"boot_mode", "disk"}}));
  (void)leases().grant(web_, rescue_for(hours(1)));
  EXPECT_EQ(data(), (json{{"server", "web-01"}, {"change", "changed"}, {"boot_mode", "rescue-windows"}}));
  (void)leases().end(web_, "admin");
  put_bmc(web_, std::nullopt);
  EXPECT_EQ(data()["boot_mode"], "disk") << "two changes at a time are one event";
  servers().remove(web_);
  EXPECT_EQ(data(), (json{{"server", "web-01"}, {"change", "removed"}}));
}

TEST_F(EventLog, SaysOfTasksTheStepThatTheyAreAt) {
  add();
  Tasks tasks(store(), AgentRules{});
  auto task = tasks.begin_rescue(web_, rescue_for(hours(1)), false, hours(1));
  (void)recorded();
  begin(task.step("rescue-system"), store().now());
  EXPECT_TRUE(tasks.save(task));
  const auto begun = data();
  EXPECT_EQ(begun["task"], "t-1");
  EXPECT_EQ(begun["step"]["state"], "running");
  EXPECT_TRUE(tasks.save(task));
  EXPECT_TRUE(recorded().empty()) << "nothing new was said";
  end(task, TaskState::failed, store().now(), TaskError{"timeout", "too late", "again"});
  EXPECT_TRUE(tasks.save(task));
  EXPECT_EQ(data()["error"]["code"], "timeout");
}

TEST_F(EventLog, SaysOfSessionsWhatIsNewAndNothingOfHeartbeats) {
  add();
  Sessions sessions(store(), AgentRules{});
  (void)leases().grant(web_, rescue_for(hours(1)));
  (void)boot();
  const auto id = begin_session("203.0.113.7");
  (void)recorded();
  const Report report{"starting", R"({"steps":[{"name":"preflight","state":"begun"}]})", ""};
  (void)sessions.report(id, report);
  const auto said = data();
  EXPECT_EQ(said["phase"], "starting");
  EXPECT_EQ(said["step"]["name"], "preflight");
  (void)sessions.report(id, report);
  EXPECT_TRUE(recorded().empty());
  (void)sessions.report(id, {"serving", "{}", ""});
  EXPECT_EQ(data()["phase"], "serving");
}

TEST_F(EventLog, IsKeptOverARestartWithWhatWasNotRecordedYet) {
  add();
  const auto first = recorded().back().id;
  (void)leases().grant(web_, rescue_for(hours(1)));
  open();
  const auto after = recorded();
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after.front().id, first + 1);
}

TEST_F(EventLog, SaysOfVeryManyChangesThatEverythingIsToBeRead) {
  store().database().write([](soci::session&, ChangeSet& changed) {
    for (int i = 0; i < 501; ++i) changed.server("web-" + std::to_string(i));
  });
  EXPECT_EQ(recorded().back().kind, "reset");
}

TEST_F(EventLog, IsPrunedByNumberAndByAge) {
  add();
  for (int i = 0; i < 5; ++i) {
    put_bmc(web_, std::nullopt);
    (void)recorded();
  }
  Events few(store(), {2, hours(24)});
  few.prune();
  EXPECT_EQ(few.bounds().newest - few.bounds().first, 1);
  clock_.advance(hours(25));
  few.prune();
  EXPECT_EQ(few.bounds().first, few.bounds().newest + 1);
}

class Feed : public EventLog {
protected:
  /// Reads until `text` arrives, for 5 s.
  static std::string read(http::Stream& stream, const std::string& text) {
    std::string all;
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (all.find(text) == std::string::npos && std::chrono::steady_clock::now() < limit) {
      auto taken = stream.take();
      all += taken.bytes;
      if (taken.bytes.empty()) std::this_thread::sleep_for(Milliseconds(2));
    }
    EXPECT_NE(all.find(text), std::string::npos) << all;
    return all;
  }
};

TEST_F(Feed, SendsWhatComesToThoseWhoWantIt) {
  add();
  add("db-01", "52:54:00:00:00:02");
  EventFeed feed(store());
  const auto all = feed.open({}, std::nullopt);
  const auto tasks = feed.open({{"task"}, "", {}}, std::nullopt);
  const auto bound = feed.open({{}, "", [](const std::string& name) { return name == "db-01"; }}, std::nullopt);
  (void)leases().grant(web_, rescue_for(hours(1)));
  (void)leases().grant(ServerName::parse("db-01"), rescue_for(hours(1)));
  (void)read(*all, R"("server":"db-01")");
  EXPECT_EQ(read(*bound, "db-01").find("web-01"), std::string::npos);
  EXPECT_EQ(tasks->take().bytes.find("data:"), std::string::npos);
}

TEST_F(Feed, GoesOnWhereSomebodyHasStopped) {
  add();
  EventFeed feed(store());
  EXPECT_NE(feed.kept({}, 0).find("id: 1\nevent: server\n"), std::string::npos);
  put_bmc(web_, std::nullopt);
  const auto resumed = feed.kept({}, 1);
  EXPECT_EQ(resumed.find("id: 1\n"), std::string::npos);
  EXPECT_NE(resumed.find("id: 2\nevent: server\n"), std::string::npos);
  EXPECT_NE(feed.kept({}, 99).find("event: reset"), std::string::npos) << "an id of another database";
}

TEST_F(Feed, SaysResetToWhoComesTooLate) {
  add();
  for (int i = 0; i < 5; ++i) {
    put_bmc(web_, std::nullopt);
    (void)recorded();
  }
  Events(store(), {2, hours(24)}).prune();
  EventFeed feed(store());
  const auto late = feed.kept({}, 1);
  EXPECT_NE(late.find("id: 5\nevent: reset\n"), std::string::npos) << late;
  EXPECT_EQ(late.find("event: server"), std::string::npos);
  EXPECT_EQ(feed.kept({}, 4).find("event: reset"), std::string::npos);
}

TEST_F(Feed, SaysThatItIsAliveAndEndsStreamsAfterATime) {
  EventFeed feed(store(), {}, {2, Milliseconds(20), Milliseconds(100)});
  const auto stream = feed.open({}, std::nullopt);
  (void)read(*stream, ": alive\nid: 0\n\n");
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (stream->is_open() && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(Milliseconds(2));
  EXPECT_FALSE(stream->is_open());
}

TEST_F(Feed, RefusesTooManyStreamsAndAllOnceItIsStopped) {
  EventFeed feed(store(), {}, {1, hours(1), hours(1)});
  const auto stream = feed.open({}, std::nullopt);
  EXPECT_EQ(code_of([&] { (void)feed.open({}, std::nullopt); }), ErrorCode::unavailable);
  EXPECT_EQ(feed.streams(), 1U);
  feed.stop();
  EXPECT_FALSE(stream->is_open());
  EXPECT_EQ(code_of([&] { (void)feed.open({}, std::nullopt); }), ErrorCode::unavailable);
}

}  // namespace
}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/unix_socket.hpp"
#include "orchestrator/control/console_agent.hpp"
#include "orchestrator/control/mailbox.hpp"
#include "orchestrator/control/outbox.hpp"
#include "tests/doubles/scratch_folder.hpp"
#include "tests/doubles/session_world.hpp"
#include "tests/doubles/wait_until.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rescue::tests {
namespace {

using control::ControlPlaneState;
using ports::ConsoleCall;

/// A control plane in memory: lists that the test sets, and consoles that stay open until they are stopped.
class FakeConsoleChannel final : public ports::ConsoleChannel {
public:
  void listen(const std::function<void(std::vector<ConsoleCall>)>& changed, const std::stop_token& stop) override {
    ++listens;
    std::unique_lock lock(mutex_);
    if (!failures.empty()) {
      const auto failure = failures.front();
      failures.pop_front();
      throw Error(failure);
    }
    std::optional<std::vector<ConsoleCall>> told;
    while (changed_.wait(lock, stop, [&] { return told != calls_ || broken_; })) {
      if (std::exchange(broken_, false)) throw Error(ErrorCode::unavailable, "the socket broke");
      told = calls_;
      lock.unlock();
      changed(*told);
      lock.lock();
    }
  }
  std::string serve(const ConsoleCall& call, const net::IpAddress& address, FileDescriptor /*screen*/,
                    const std::stop_token& stop) override {
    std::unique_lock lock(mutex_);
    dialled.push_back(call.id + " " + address.text());
    open.insert(call.id);
    most = std::max(most, open.size());
    (void)changed_.wait(lock, stop, [] { return false; });
    open.erase(call.id);
    return "stopped";
  }
  void set(std::vector<ConsoleCall> calls) {
    {
      const std::lock_guard lock(mutex_);
      calls_ = std::move(calls);
    }
    changed_.notify_all();
  }
  void break_list() {
    {
      const std::lock_guard lock(mutex_);
      broken_ = true;
    }
    changed_.notify_all();
  }
  std::set<std::string> open_now() {
    const std::lock_guard lock(mutex_);
    return open;
  }
  std::vector<std::string> all_dialled() {
    const std::lock_guard lock(mutex_);
    return dialled;
  }

  std::deque<Error> failures;
  std::vector<std::string> dialled;
  std::set<std::string> open;
  std::size_t most = 0;
  std::atomic<int> listens{0};

private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<ConsoleCall> calls_;
  bool broken_ = false;
};

class ConsoleAgentWorld : public ::testing::Test {
protected:
  void SetUp() override {
    world_.settings.runtime_directory = folder_.file("run");
    world_.settings.control_plane_hosts = {"netbootd"};
    world_.network.names["netbootd"] = {net::IpAddress::parse("192.0.2.10")};
    service_.emplace(world_.ports(), world_.settings);
    settings_.screen_pause = settings_.first_pause = settings_.longest_pause = Milliseconds(5);
    settings_.addresses_of_url = [](const std::string& url) { return std::vector{net::IpAddress::parse(url)}; };
    agent_.emplace(channel_, *service_, settings_);
    service_->run();
    agent_->run();
  }
  void TearDown() override {
    agent_.reset();
    service_->release_watchers();
    (void)wait_until([&] { return !service_->status().busy; });
    ASSERT_TRUE(service_->stop_if_idle());
  }
  void connect() { service_->control_plane({ControlPlaneState::connected, {}, {}}); }
  void start_session() {
    ASSERT_TRUE(wait_until([&] { return !service_->status().busy; })) << "it looks for an earlier session first";
    service_->start();
    ASSERT_TRUE(wait_until([&] { return service_->status().record.plan.has_value(); }));
  }
  /// Listens where QEMU would.
  void show_screen() {
    const auto path = service_->status().record.plan->guest.vnc_socket;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    screen_ = unix_socket();
    ASSERT_EQ(bind_unix(screen_, path), 0);
    ASSERT_EQ(::listen(screen_.get(), 32), 0);
  }
  static ConsoleCall call(int number, const std::string& relay = "192.0.2.10") {
    return {"v-" + std::to_string(number) + ".1", relay};
  }
  [[nodiscard]] bool opens(const std::set<std::string>& wanted) {
    return wait_until([&] { return channel_.open_now() == wanted; });
  }

  ScratchFolder folder_;
  SessionWorld world_;
  FakeConsoleChannel channel_;
  control::ConsoleAgentSettings settings_;
  std::optional<control::SessionService> service_;
  std::optional<control::ConsoleAgent> agent_;
  FileDescriptor screen_;
};

TEST_F(ConsoleAgentWorld, ListensOnceTheControlPlaneKnowsThisHost) {
  EXPECT_EQ(channel_.listens, 0);
  connect();
  EXPECT_TRUE(wait_until([&] { return channel_.listens > 0; }));
}

TEST_F(ConsoleAgentWorld, ConnectsWhatIsListedAndClosesWhatIsNot) {
  connect();
  start_session();
  show_screen();
  channel_.set({call(1), call(2)});
  EXPECT_TRUE(opens({"v-1.1", "v-2.1"}));
  channel_.set({call(2), call(3)});
  EXPECT_TRUE(opens({"v-2.1", "v-3.1"}));
  channel_.set({});
  EXPECT_TRUE(opens({}));
  EXPECT_EQ(channel_.all_dialled().size(), 3U) << "each once";
  EXPECT_EQ(channel_.all_dialled().front().substr(6), "192.0.2.10");
}

TEST_F(ConsoleAgentWorld, WaitsForTheScreen) {
  connect();
  channel_.set({call(1)});
  start_session();
  EXPECT_TRUE(wait_until([&] { return channel_.listens > 0; }));
  EXPECT_TRUE(channel_.open_now().empty());
  show_screen();
  EXPECT_TRUE(opens({"v-1.1"}));
}

TEST_F(ConsoleAgentWorld, KeepsConsolesWhenTheListBreaks) {
  connect();
  start_session();
  show_screen();
  channel_.set({call(1)});
  EXPECT_TRUE(opens({"v-1.1"}));
  const int before = channel_.listens;
  channel_.break_list();
  EXPECT_TRUE(wait_until([&] { return channel_.listens > before; }));
  EXPECT_EQ(channel_.open_now(), (std::set<std::string>{"v-1.1"}));
  EXPECT_EQ(channel_.all_dialled().size(), 1U);
}

TEST_F(ConsoleAgentWorld, RefusesARelayThatIsNotClosedToTheGuest) {
  connect();
  start_session();
  show_screen();
  channel_.set({call(1, "198.51.100.66"), call(2)});
  EXPECT_TRUE(opens({"v-2.1"}));
  channel_.set({call(2), call(3, "198.51.100.66"), call(4)});
  EXPECT_TRUE(opens({"v-2.1", "v-4.1"}));
  for (const auto& dialled : channel_.all_dialled()) EXPECT_EQ(dialled.find("198.51.100.66"), std::string::npos);
}

TEST_F(ConsoleAgentWorld, ConnectsEightAtMost) {
  connect();
  start_session();
  show_screen();
  std::vector<ConsoleCall> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(call(i));
  channel_.set(calls);
  EXPECT_TRUE(wait_until([&] { return channel_.open_now().size() == 8; }));
  EXPECT_EQ(channel_.most, 8U);
  // Those that were told to stop do not count any more, and may end later than the next begins.
  channel_.set({call(19)});
  EXPECT_TRUE(opens({"v-19.1"}));
}

TEST_F(ConsoleAgentWorld, ClosesAllWhenItStops) {
  connect();
  start_session();
  show_screen();
  channel_.set({call(1)});
  EXPECT_TRUE(opens({"v-1.1"}));
  agent_->stop();
  EXPECT_TRUE(channel_.open_now().empty());
}

}  // namespace
}  // namespace rescue::tests

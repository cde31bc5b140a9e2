// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Tests tasks while the database fails, and tasks that wait for BMCs.
#include "netboot/tasks/worker.hpp"
#include "tests/unit/netboot/stored.hpp"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <thread>

namespace rescue::netboot {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// The chassis behind a port.
struct Chassis {
  std::atomic<bool> on{true};
  std::atomic<int> switched{0};
  std::atomic<int> busy{0};  ///< number of answers "not now"
  std::atomic<bool> silent{false};
  std::atomic<BootDevice> device{BootDevice::none};
  std::function<void()> as_it_is_switched = [] {};
};

class Bmcs {
public:
  Chassis& at(int port) {
    const std::lock_guard lock(mutex_);
    return all_[port];
  }
  void answer() {
    const std::lock_guard lock(mutex_);
    silent_ = false;
    heard_.notify_all();
  }
  void wait_while_silent() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    heard_.wait(lock, [this] { return !silent_; });
    --waiting_;
  }
  /// Waits until `those_who_leave` threads are here.
  void leave() {
    std::unique_lock lock(mutex_);
    ++leaving_;
    heard_.notify_all();
    if (!heard_.wait_for(lock, seconds(10), [this] { return leaving_ >= those_who_leave; })) ++left_alone_;
  }
  [[nodiscard]] int left_alone() {
    const std::lock_guard lock(mutex_);
    return left_alone_;
  }
  std::atomic<int> those_who_leave{0};

  [[nodiscard]] int waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

private:
  std::mutex mutex_;
  std::condition_variable heard_;
  std::map<int, Chassis> all_;
  bool silent_ = true;
  int waiting_ = 0;
  int leaving_ = 0;
  int left_alone_ = 0;
};

class ChassisBmc final : public Bmc {
public:
  ChassisBmc(Bmcs& bmcs, int port) : bmcs_(bmcs), chassis_(bmcs.at(port)) {}
  ~ChassisBmc() override {
    if (bmcs_.those_who_leave > 0) bmcs_.leave();
  }
  ChassisBmc(const ChassisBmc&) = delete;
  ChassisBmc& operator=(const ChassisBmc&) = delete;
  PowerState power() override {
    answer();
    return chassis_.on ? PowerState::on : PowerState::off;
  }
  void control(PowerAction action) override {
    answer();
    chassis_.on = action == PowerAction::on || action == PowerAction::reset;
    chassis_.as_it_is_switched();
    ++chassis_.switched;
  }
  void set_boot_device(BootOverride wanted, Firmware) override {
    answer();
    chassis_.device = wanted.device;
  }
  BootOverride boot_device() override { return {chassis_.device.load()}; }
  BmcFacts facts() override { return {}; }

private:
  void answer() {
    if (chassis_.silent) bmcs_.wait_while_silent();
    if (chassis_.busy > 0) {
      --chassis_.busy;
      throw BmcBusy("not now");
    }
  }
  Bmcs& bmcs_;
  Chassis& chassis_;
};

class CarriedOut : public Stored {
protected:
  void SetUp() override {
    Stored::SetUp();
    sessions_ = std::make_unique<Sessions>(store(), AgentRules{});
    tasks_ = std::make_unique<Tasks>(store(), AgentRules{});
    access_ = std::make_unique<BmcAccess>(
        [this](const BmcEndpoint& bmc, Secret) { return std::make_unique<ChassisBmc>(bmcs_, bmc.port); },
        KeyFile(folder_ + "/secrets.key"), PowerLimits{seconds(5), Milliseconds(5), seconds(5)}, system_,
        Patience{seconds(60), 2, Milliseconds(5), Milliseconds(20)});
  }
  void TearDown() override {
    bmcs_.answer();
    worker_.reset();
    access_.reset();
    tasks_.reset();
    sessions_.reset();
    Stored::TearDown();
  }
  void work(unsigned threads = 2, unsigned calls = 16) {
    worker_ = std::make_unique<TaskWorker>(TaskTools{store(), *sessions_, *tasks_, *access_}, threads, calls);
  }
  void stop_working() { worker_.reset(); }
  ServerName add(int number) {
    auto server = server_named(fmt::format("app-{}", number), fmt::format("52:54:00:00:02:{:02x}", number));
    server.bmc = BmcEndpoint{"192.0.2.1", static_cast<std::uint16_t>(number), "operator", 17,
                             access_->keys().seal(Secret(std::string_view("word")))};
    servers().add(server);
    return server.name;
  }
  Task begin(const ServerName& server, PowerAction action = PowerAction::off) {
    return tasks_->begin_power(server, action, BootDevice::none, "admin", hours(1));
  }
  /// Polls the task until `done` accepts it, for 20 s. Returns the last state.
  template <class Done>
  Task await(long long id, Done done) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(20);
    for (;;) {
      auto task = tasks_->find(id);
      if (done(task) || std::chrono::steady_clock::now() > deadline) return task;
      std::this_thread::sleep_for(Milliseconds(5));  // polls other threads
    }
  }
  Task await_end(long long id) {
    return await(id, [](const Task& task) { return task.ended.has_value(); });
  }
  /// Waits until `count` requests wait for silent BMCs, for 10 s. Returns their number.
  int await_waiting(int count) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(10);
    while (bmcs_.waiting() < count && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    return bmcs_.waiting();
  }
  /// The BMC of the first task is silent; the second task, for app-1, waits for its turn.
  std::pair<long long, long long> begin_two_for_one_call() {
    bmcs_.at(2).silent = true;
    const auto first = begin(add(2)).id;
    work(1, 1);
    EXPECT_EQ(await_waiting(1), 1);
    const auto second = begin(add(1)).id;
    EXPECT_FALSE(await(second, [](const Task& task) { return !task.claim.empty(); }).claim.empty()) << "it is in hand";
    return {first, second};
  }
  /// Makes updates of tasks fail; reading still works.
  void refuse_writes() {
    auto database = sql();
    if (on_postgresql()) {
      database << "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                  " 'BEGIN RAISE EXCEPTION ''the disk is full''; END'";
      database << "CREATE TRIGGER refuse BEFORE UPDATE ON tasks FOR EACH STATEMENT EXECUTE FUNCTION refuse()";
    } else {
      database << "CREATE TRIGGER refuse BEFORE UPDATE ON tasks BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    }
  }
  void take_writes() {
    auto database = sql();
    database << (on_postgresql() ? "DROP TRIGGER refuse ON tasks" : "DROP TRIGGER refuse");
  }

  SystemClock system_;
  Bmcs bmcs_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Tasks> tasks_;
  std::unique_ptr<BmcAccess> access_;
  std::unique_ptr<TaskWorker> worker_;
};

TEST_F(CarriedOut, APowerActionIsSentOnceWhateverTheDatabaseDoesMeanwhile) {
  const auto server = add(1);
  auto& chassis = bmcs_.at(1);
  chassis.as_it_is_switched = [&] { refuse_writes(); };
  work();
  const auto id = begin(server, PowerAction::reset).id;
  const auto deadline = std::chrono::steady_clock::now() + seconds(10);
  while (chassis.switched == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_EQ(chassis.switched, 1);
  chassis.as_it_is_switched = [] {};
  // Expires all claims by their clock, and lets every thread poll twice.
  clock_.advance(seconds(60));
  const auto until = std::chrono::steady_clock::now() + Milliseconds(2'500);
  EXPECT_EQ(await(id, [&](const Task&) { return std::chrono::steady_clock::now() > until; }).state, TaskState::running);
  take_writes();
  const auto ended = await_end(id);
  EXPECT_EQ(ended.state, TaskState::succeeded) << (ended.error ? ended.error->detail : "");
  EXPECT_EQ(chassis.switched, 1) << "and it is known what became of it";
}

TEST_F(CarriedOut, ADatabaseThatIsBusyEndsNoTask) {
  const auto server = add(1);
  const auto id = begin(server, PowerAction::reset).id;
  refuse_writes();
  work();
  const auto until = std::chrono::steady_clock::now() + Milliseconds(2'500);
  EXPECT_EQ(await(id, [&](const Task&) { return std::chrono::steady_clock::now() > until; }).state, TaskState::queued);
  EXPECT_EQ(bmcs_.at(1).switched, 0);
  take_writes();
  EXPECT_EQ(await_end(id).state, TaskState::succeeded);
  EXPECT_EQ(bmcs_.at(1).switched, 1);
}

TEST_F(CarriedOut, SilentBmcsKeepNobodyElseWaiting) {
  constexpr int silent = 12;
  for (int i = 2; i < 2 + silent; ++i) {
    bmcs_.at(i).silent = true;
    (void)begin(add(i));
  }
  work(1, silent + 1);
  ASSERT_EQ(await_waiting(silent), silent) << "one thread looks at tasks, and none of these holds it";
  EXPECT_EQ(await_end(begin(add(1)).id).state, TaskState::succeeded);
}

TEST_F(CarriedOut, TasksWaitTheirTurnWhenAllCallsAreUnderWay) {
  const auto [first, second] = begin_two_for_one_call();
  EXPECT_EQ(bmcs_.at(1).switched, 0);
  bmcs_.answer();
  EXPECT_EQ(await_end(first).state, TaskState::succeeded);
  EXPECT_EQ(await_end(second).state, TaskState::succeeded);
}

TEST_F(CarriedOut, APowerActionThatIsCancelledWhileItWaitsForItsTurnIsNotSent) {
  const auto [first, second] = begin_two_for_one_call();
  EXPECT_EQ(tasks_->cancel(second, "admin").state, TaskState::cancelled);
  bmcs_.answer();
  EXPECT_EQ(await_end(first).state, TaskState::succeeded);
  EXPECT_TRUE(await(second, [](const Task& task) { return task.claim.empty(); }).claim.empty()) << "it was given back";
  EXPECT_EQ(bmcs_.at(1).switched, 0);
}

TEST_F(CarriedOut, BusyBmcsAreWaitedForWithoutAThread) {
  constexpr int busy = 20;
  std::vector<long long> ids;
  for (int i = 1; i <= busy; ++i) {
    bmcs_.at(i).busy = 30;
    ids.push_back(begin(add(i)).id);
  }
  work(1, 1);
  for (const auto id : ids) EXPECT_EQ(await_end(id).state, TaskState::succeeded) << id;
}

TEST_F(CarriedOut, BmcsThatAreSlowToLogOutOfAreLeftTogetherWhenItStops) {
  constexpr int count = 4;
  constexpr int for_long = 1'000'000;
  for (int i = 1; i <= count; ++i) {
    bmcs_.at(i).busy = for_long;
    const auto id = begin(add(i)).id;
    if (i == 1) work();
    (void)await(id, [&](const Task&) { return bmcs_.at(i).busy < for_long; });
  }
  bmcs_.those_who_leave = count;
  stop_working();
  EXPECT_EQ(bmcs_.left_alone(), 0);
}

TEST_F(CarriedOut, ARescueWaitsForABusyBmc) {
  const auto server = add(1);
  bmcs_.at(1).busy = 40;
  const auto id = tasks_->begin_rescue(server, rescue_for(hours(4)), true, hours(1)).id;
  work();
  const auto booting =
      await(id, [](Task& task) { return task.ended || task.step("boot-script").state == StepState::running; });
  EXPECT_EQ(booting.state, TaskState::running) << (booting.error ? booting.error->detail : "");
  EXPECT_EQ(bmcs_.at(1).device, BootDevice::network);
}

// Another thread may claim a task as soon as it is released, before the thread that had it has forgotten it.
TEST_F(CarriedOut, ATaskMayBeClaimedAgainBeforeItsThreadHasForgottenIt) {
  const auto server = add(1);
  const auto id = tasks_->begin_rescue(server, rescue_for(hours(4)), false, hours(1)).id;
  work(8);
  (void)await(id, [](Task& task) { return task.step("boot-script").state == StepState::running; });
  const auto until = std::chrono::steady_clock::now() + Milliseconds(1'000);
  while (std::chrono::steady_clock::now() < until) store().changes().tell({Change::Kind::task, "", server.text()});
  (void)tasks_->cancel(id, "admin");
  EXPECT_EQ(await_end(id).state, TaskState::cancelled);
}

TEST_F(CarriedOut, ARescueThatIsOverBeforeItsServerBootedLeavesNoBootDevice) {
  const auto server = add(1);
  const auto armed = [&] {
    const auto id = tasks_->begin_rescue(server, rescue_for(hours(4)), true, hours(1)).id;
    (void)await(id, [](Task& task) { return task.step("boot-script").state == StepState::running; });
    EXPECT_EQ(bmcs_.at(1).device, BootDevice::network);
    return id;
  };
  const auto expect_taken_back = [&](const std::string& how) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(10);
    while (bmcs_.at(1).device != BootDevice::none && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(Milliseconds(5));  // polls other threads
    }
    EXPECT_EQ(bmcs_.at(1).device, BootDevice::none) << how;
  };
  work();
  (void)tasks_->cancel(armed(), "admin");
  expect_taken_back("cancelled");
  (void)armed();
  const auto finish = tasks_->begin_finish(server, {"", false, "admin"}, hours(1)).id;
  expect_taken_back("finished");
  EXPECT_EQ(await_end(finish).state, TaskState::succeeded);
  const auto id = armed();
  (void)leases().end(server, "admin");
  EXPECT_EQ(await_end(id).state, TaskState::cancelled);
  expect_taken_back("its lease was ended by hand");
  (void)armed();
  clock_.advance(hours(2));
  expect_taken_back("nobody came");
}

TEST_F(CarriedOut, WhatANetbootdDiesOverTwiceEnds) {
  const auto server = add(1);
  const auto id = tasks_->begin_rescue(server, rescue_for(hours(4)), true, hours(1)).id;
  // Three netbootds die during the task: they release nothing, and their claims expire.
  for (int i = 0; i < 3; ++i) {
    const auto another = std::make_unique<Store>(settings(), LeaseLimits{}, clock_);
    const auto claimed = Tasks(*another, AgentRules{}).claim({}, seconds(15));
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->taken_up, static_cast<unsigned>(i));
    clock_.advance(seconds(16));
  }
  work();
  const auto ended = await_end(id);
  EXPECT_EQ(ended.state, TaskState::failed);
  ASSERT_TRUE(ended.error);
  EXPECT_NE(ended.error->detail.find("netbootd ended 2 times"), std::string::npos) << ended.error->detail;
  EXPECT_EQ(bmcs_.at(1).switched, 0);
  EXPECT_EQ(boot("52:54:00:00:02:01"), BootMode::disk) << "its lease has ended";
}

TEST_F(CarriedOut, AnOrderToFinishIsGivenToTheHostsNextBootToo) {
  servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
  auto lease = rescue_for(hours(4));
  lease.rescue.disk_mode = "overlay";
  (void)leases().grant(web_, lease);
  ASSERT_EQ(boot("52:54:00:00:00:01"), BootMode::rescue_windows);
  const auto first = begin_session("203.0.113.7");
  (void)sessions_->report(first, {"serving", R"({"phase": "serving"})", ""});
  work();
  const auto id = tasks_->begin_finish(web_, {"reboot", false, "admin"}, hours(1)).id;
  (void)await(id, [](Task& task) { return task.step("host").state == StepState::running; });
  (void)sessions_->report(first, {"finishing", R"({"phase": "finishing"})", ""});
  // The power fails while the changes are written, and the lease still says rescue.
  clock_.advance(LeaseLimits{}.repeat_window + seconds(1));
  ASSERT_EQ(boot("52:54:00:00:00:01"), BootMode::rescue_windows);
  const auto token = sessions_->mint(MacAddress::parse("52:54:00:00:00:01"), "203.0.113.7");
  const auto second = sessions_->redeem(token.token.reveal(), hash_of("agent of the second boot")).session.id;
  ASSERT_NE(second, first);
  Report undecided{"finishing", R"({"phase": "finishing", "undecided": true})", ""};
  undecided.undecided = true;
  std::optional<AgentCommand> command;
  const auto deadline = std::chrono::steady_clock::now() + seconds(10);
  while (!command && std::chrono::steady_clock::now() < deadline) {
    command = sessions_->report(second, undecided).session.command;
    std::this_thread::sleep_for(Milliseconds(5));  // polls another thread
  }
  ASSERT_TRUE(command);
  EXPECT_EQ(command->kind, "finish");
  EXPECT_EQ(command->changes, "keep");
  EXPECT_TRUE(sessions_->report(second, undecided).session.command) << "until the host begins";
  (void)sessions_->report(second, {"finished", R"({"phase": "finished"})", ""});
  EXPECT_EQ(await_end(id).state, TaskState::succeeded);
}

TEST_F(CarriedOut, AnUndecidedSessionIsNotFinishedWithoutADecision) {
  servers().add(server_named("web-01", "52:54:00:00:00:01", "203.0.113.7"));
  auto lease = rescue_for(hours(4));
  lease.rescue.disk_mode = "overlay";
  (void)leases().grant(web_, lease);
  ASSERT_EQ(boot("52:54:00:00:00:01"), BootMode::rescue_windows);
  const auto session = begin_session("203.0.113.7");
  Report undecided{"finishing", R"({"phase": "finishing", "undecided": true})", ""};
  undecided.undecided = true;
  const auto heard = sessions_->report(session, undecided);
  EXPECT_FALSE(heard.session.ended);
  EXPECT_EQ(code_of([&] { (void)tasks_->begin_finish(web_, {"", false, "admin"}, hours(1)); }), ErrorCode::conflict);
  EXPECT_EQ(code_of([&] { (void)tasks_->begin_rescue(web_, rescue_for(hours(4)), false, hours(1)); }),
            ErrorCode::conflict);
  EXPECT_EQ(tasks_->begin_finish(web_, {"", false, "admin", "discard"}, hours(1)).changes, "discard");
}

TEST_F(CarriedOut, APowerActionInAFinishIsNotSentAgain) {
  const auto server = add(1);
  (void)leases().grant(server, rescue_for(hours(4)));
  auto task = tasks_->begin_finish(server, {"", true, "admin"}, hours(1));
  {
    const auto another = std::make_unique<Store>(settings(), LeaseLimits{}, clock_);
    Tasks others(*another, AgentRules{});
    auto claimed = others.claim({}, seconds(15)).value().task;
    claimed.state = TaskState::running;
    rescue::netboot::begin(claimed.step("power"), clock_.wall());
    ASSERT_TRUE(others.save(claimed));
    clock_.advance(seconds(16));
  }
  work();
  const auto ended = await_end(task.id);
  EXPECT_EQ(ended.state, TaskState::failed);
  EXPECT_EQ(ended.error.value().code, "interrupted");
  EXPECT_EQ(bmcs_.at(1).switched, 0);
}

}  // namespace
}  // namespace rescue::netboot

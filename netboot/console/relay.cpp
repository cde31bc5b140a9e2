// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/console/relay.hpp"

#include "core/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace rescue::netboot {

namespace {

constexpr auto host_protocol = "rescue-console";
constexpr auto list_protocol = "rescue-consoles";
constexpr std::size_t most_work = 10'000;
constexpr std::size_t list_message = 1'024;

}  // namespace

/// Shared with the handlers of sockets, which may outlive the relay. Only the thread uses the database.
struct ConsoleRelay::Core : std::enable_shared_from_this<ConsoleRelay::Core> {
  Core(Store& store, RelaySettings given) : consoles(store), settings(std::move(given)) {}

  // For any thread.
  void post(std::function<void()> job);
  void look_at(const std::string& server);
  void hear(const Change& change);
  [[nodiscard]] std::shared_ptr<RelayedConsole> add(OpenedConsole opened);
  [[nodiscard]] std::shared_ptr<RelayedConsole> find(const std::string& id) const;
  [[nodiscard]] std::shared_ptr<HostList> add_list(const ServerName& server, const std::string& session);

  // For the thread.
  void run(const std::stop_token& stop);

  Consoles consoles;
  const RelaySettings settings;
  mutable std::mutex mutex;
  std::condition_variable_any woken;
  std::deque<std::function<void()>> work;
  std::set<std::string> dirty;  ///< servers to look at
  std::map<std::string, std::shared_ptr<RelayedConsole>> open;
  std::multimap<std::string, std::weak_ptr<HostList>> lists;

private:
  void browser_gone(const std::string& id, const Consoles::Connection& connection);
  void list_gone(const std::string& server);
  void wait(const std::stop_token& stop, SteadyTime until);
  void do_work();
  void do_look();
  void look(const std::string& server);
  void look_at_console(RelayedConsole& console, const Consoles::Scene& scene);
  void look_at_all();
  [[nodiscard]] std::vector<std::shared_ptr<RelayedConsole>> consoles_of(const std::string& server) const;
  [[nodiscard]] std::vector<std::shared_ptr<HostList>> lists_of(const std::string& server) const;
};

void ConsoleRelay::Core::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex);
    if (work.size() >= most_work) return;  // the database is away for long: rows without news count as gone
    work.push_back(std::move(job));
  }
  woken.notify_all();
}

void ConsoleRelay::Core::look_at(const std::string& server) {
  {
    const std::lock_guard lock(mutex);
    dirty.insert(server);
  }
  woken.notify_all();
}

void ConsoleRelay::Core::hear(const Change& change) {
  {
    const std::lock_guard lock(mutex);
    if (change.kind == Change::Kind::all) {
      for (const auto& [server, list] : lists) dirty.insert(server);
      for (const auto& [id, console] : open) dirty.insert(console->viewer().server.text());
    } else {
      const bool concerns = (change.kind == Change::Kind::session && lists.contains(change.server)) ||
                            std::any_of(open.begin(), open.end(), [&](const auto& entry) {
                              return entry.second->viewer().server.text() == change.server;
                            });
      if (!concerns) return;
      dirty.insert(change.server);
    }
  }
  woken.notify_all();
}

std::shared_ptr<RelayedConsole> ConsoleRelay::Core::add(OpenedConsole opened) {
  const auto id = connection_id(opened.viewer);
  const Consoles::Connection connection{opened.viewer.id, opened.viewer.connection};
  RelayedConsole::Sink sink;
  sink.browser_gone = [core = shared_from_this(), id, connection] { core->browser_gone(id, connection); };
  sink.ended = [core = shared_from_this(), connection](ConsoleEnd reason) {
    core->post([self = core.get(), connection, reason] { self->consoles.end(connection, reason); });
  };
  sink.labelled = [core = shared_from_this(), connection](std::string text) {
    core->post([self = core.get(), connection, label = std::move(text)] { self->consoles.label(connection, label); });
  };
  auto console = std::make_shared<RelayedConsole>(std::move(opened), std::move(sink));
  const std::lock_guard lock(mutex);
  open.emplace(id, console);
  return console;
}

std::shared_ptr<RelayedConsole> ConsoleRelay::Core::find(const std::string& id) const {
  const std::lock_guard lock(mutex);
  const auto found = open.find(id);
  return found == open.end() ? nullptr : found->second;
}

std::shared_ptr<HostList> ConsoleRelay::Core::add_list(const ServerName& server, const std::string& session) {
  auto list = std::make_shared<HostList>(
      server, session, [core = shared_from_this(), name = server.text()] { core->look_at(name); },
      [core = shared_from_this(), name = server.text()] { core->list_gone(name); });
  list_gone(server.text());  // one whose handshake failed was not reported
  const std::lock_guard lock(mutex);
  lists.emplace(server.text(), list);
  return list;
}

void ConsoleRelay::Core::browser_gone(const std::string& id, const Consoles::Connection& connection) {
  {
    const std::lock_guard lock(mutex);
    open.erase(id);
  }
  post([this, connection] { consoles.broken(connection); });
}

void ConsoleRelay::Core::list_gone(const std::string& server) {
  const std::lock_guard lock(mutex);
  for (auto [entry, end] = lists.equal_range(server); entry != end;) {
    entry = entry->second.expired() ? lists.erase(entry) : std::next(entry);
  }
}

void ConsoleRelay::Core::run(const std::stop_token& stop) {
  auto next_look = std::chrono::steady_clock::now() + settings.look;
  while (!stop.stop_requested()) {
    wait(stop, next_look);
    try {
      do_work();
      if (const auto now = std::chrono::steady_clock::now(); now >= next_look) {
        next_look = now + settings.look;
        look_at_all();
        consoles.end_what_is_broken(settings.resume);
      }
      do_look();
    } catch (const std::exception& error) {
      log::warning("consoles are looked at later: {}", report_of(error).one_line());
      // Retries after a pause, not at once: news would wake it.
      std::unique_lock lock(mutex);
      (void)woken.wait_for(lock, stop, std::min(settings.look, Milliseconds(1'000)), [] { return false; });
    }
  }
  try {
    do_work();
  } catch (const std::exception& error) {
    log::warning("the end of some consoles is not written: {}", report_of(error).one_line());
  }
}

void ConsoleRelay::Core::wait(const std::stop_token& stop, SteadyTime until) {
  std::unique_lock lock(mutex);
  (void)woken.wait_until(lock, stop, until, [this] { return !work.empty() || !dirty.empty(); });
}

/// Keeps a job that fails for the next time.
void ConsoleRelay::Core::do_work() {
  for (;;) {
    std::function<void()> job;
    {
      const std::lock_guard lock(mutex);
      if (work.empty()) return;
      job = work.front();
    }
    job();
    const std::lock_guard lock(mutex);
    work.pop_front();
  }
}

void ConsoleRelay::Core::do_look() {
  for (;;) {
    std::string server;
    {
      const std::lock_guard lock(mutex);
      if (dirty.empty()) return;
      server = *dirty.begin();
      dirty.erase(dirty.begin());
    }
    try {
      look(server);
    } catch (...) {
      const std::lock_guard lock(mutex);
      dirty.insert(server);
      throw;
    }
  }
}

std::vector<std::shared_ptr<RelayedConsole>> ConsoleRelay::Core::consoles_of(const std::string& server) const {
  std::vector<std::shared_ptr<RelayedConsole>> found;
  const std::lock_guard lock(mutex);
  for (const auto& [id, console] : open) {
    if (console->viewer().server.text() == server) found.push_back(console);
  }
  return found;
}

std::vector<std::shared_ptr<HostList>> ConsoleRelay::Core::lists_of(const std::string& server) const {
  std::vector<std::shared_ptr<HostList>> found;
  const std::lock_guard lock(mutex);
  for (auto [entry, end] = lists.equal_range(server); entry != end; ++entry) {
    if (auto list = entry->second.lock()) found.push_back(std::move(list));
  }
  return found;
}

void ConsoleRelay::Core::look(const std::string& server) {
  const auto open_here = consoles_of(server);
  const auto hosts = lists_of(server);
  if (open_here.empty() && hosts.empty()) return;
  const auto scene = consoles.scene(ServerName::parse(server));
  // Before the host learns of it: a host that closes its side first would hide from the browser why its console ended.
  for (const auto& console : open_here) look_at_console(*console, scene);
  for (const auto& list : hosts) {
    if (list->session() == scene.session) {
      list->show(scene.viewers);
    } else {
      list->end();
    }
  }
}

void ConsoleRelay::Core::look_at_console(RelayedConsole& console, const Consoles::Scene& scene) {
  const auto connection = console.connection();
  if (scene.session != console.viewer().session) {
    consoles.end(connection, ConsoleEnd::session_ended);
    return console.end(ConsoleEnd::session_ended);
  }
  const auto own = std::find_if(scene.viewers.begin(), scene.viewers.end(),
                                [&](const auto& viewer) { return viewer.id == connection.first; });
  if (own != scene.viewers.end()) {
    if (own->connection != connection.second) return console.end(ConsoleEnd::replaced);
    return console.show(scene.viewers, scene.session_ends);
  }
  const auto viewer = consoles.viewer(connection.first);
  if (!viewer) return console.end(ConsoleEnd::refused);
  if (viewer->ended) return console.end(parse_word<ConsoleEnd>(viewer->end_reason).value_or(ConsoleEnd::refused));
  if (viewer->connection != connection.second) return console.end(ConsoleEnd::replaced);
  consoles.touch({connection});  // the database was away for long
}

/// Confirms the consoles of this netbootd, and looks at them: a notification may have been lost.
void ConsoleRelay::Core::look_at_all() {
  std::vector<Consoles::Connection> connections;
  {
    const std::lock_guard lock(mutex);
    for (const auto& [id, console] : open) {
      connections.push_back(console->connection());
      dirty.insert(console->viewer().server.text());
    }
  }
  consoles.touch(connections);
}

ConsoleRelay::ConsoleRelay(Store& store, RelaySettings settings)
    : core_(std::make_shared<Core>(store, std::move(settings))),
      subscription_(store.changes().subscribe([core = core_.get()](const Change& change) { core->hear(change); })),
      thread_([core = core_](const std::stop_token& stop) { core->run(stop); }) {}

ConsoleRelay::~ConsoleRelay() { stop(); }

void ConsoleRelay::stop() {
  subscription_ = {};
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Consoles& ConsoleRelay::passes() noexcept { return core_->consoles; }

std::size_t ConsoleRelay::consoles() const {
  const std::lock_guard lock(core_->mutex);
  return core_->open.size();
}

http::Upgrade ConsoleRelay::open(std::string_view pass, const Acting& visitor) {
  return browser_side(core_->consoles.open(pass, visitor, core_->settings.url));
}

http::Upgrade ConsoleRelay::resume(std::string_view token, const Acting& visitor) {
  return browser_side(core_->consoles.resume(token, visitor, core_->settings.url));
}

http::Upgrade ConsoleRelay::browser_side(OpenedConsole opened) {
  const auto console = core_->add(std::move(opened));
  const auto& viewer = console->viewer();
  log::info("console c-{} of {} is open for {} as {}: v-{}, connection {}", viewer.pass, viewer.server.text(),
            viewer.address, name_of(viewer.role), viewer.id, viewer.connection);
  return {console->browser_handler(), host_protocol};
}

http::Upgrade ConsoleRelay::list_for(const ServerName& server, const std::string& session) {
  http::WebSocketLimits limits;
  limits.largest_message = list_message;
  return {core_->add_list(server, session), list_protocol, limits};
}

http::Upgrade ConsoleRelay::host_side(const ServerName& server, const std::string& session, const std::string& id) {
  const auto console = core_->find(id);
  if (!console || console->viewer().server.text() != server.text() || console->viewer().session != session) {
    throw Error(ErrorCode::not_found, fmt::format("no browser waits here for console {}", id.substr(0, 40)));
  }
  return {console->host_handler(), host_protocol};
}

}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/store/database_listener.hpp"

#include "core/log.hpp"

#include <libpq-fe.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace rescue::netboot {

using nlohmann::json;

struct DatabaseListener::Connection {
  explicit Connection(const Secret& text) : handle(::PQconnectdb(std::string(text.reveal()).c_str())) {}
  ~Connection() { ::PQfinish(handle); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  [[nodiscard]] bool works() const { return ::PQstatus(handle) == CONNECTION_OK; }
  [[nodiscard]] bool run(const char* statement) const {
    const Handle<PGresult, ::PQclear> result(::PQexec(handle, statement));
    const auto status = ::PQresultStatus(result.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  }

  PGconn* handle;
};

DatabaseListener::DatabaseListener(ConnectionString connection_string, std::string replica, Changes& changes)
    : connection_string_(std::move(connection_string)), replica_(std::move(replica)), changes_(changes),
      stopping_(::eventfd(0, EFD_CLOEXEC)),
      thread_([this, first = connect()](const std::stop_token& stop) mutable { run(stop, std::move(first)); }) {}

DatabaseListener::~DatabaseListener() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  if (::write(stopping_.get(), &one, sizeof one) < 0) log::warning("the listener could not be woken");
}

std::unique_ptr<DatabaseListener::Connection> DatabaseListener::connect() const {
  try {
    auto connection = std::make_unique<Connection>(connection_string_());
    if (connection->works() && connection->run("LISTEN netbootd")) return connection;
    log::warning("database: no notifications of changes by others: {}", ::PQerrorMessage(connection->handle));
  } catch (const std::exception& error) {
    log::warning("database: no notifications of changes by others: {}", error.what());
  }
  return nullptr;
}

void DatabaseListener::run(const std::stop_token& stop, std::unique_ptr<Connection> connection) {
  while (!stop.stop_requested()) {
    if (connection) {
      listen(*connection, stop);
      connection.reset();
      continue;
    }
    constexpr int pause_ms = 1'000;
    pollfd stopped{stopping_.get(), POLLIN, 0};
    if (::poll(&stopped, 1, pause_ms) > 0) return;
    connection = connect();
    if (connection) changes_.tell({});
  }
}

void DatabaseListener::listen(Connection& connection, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> ready{pollfd{stopping_.get(), POLLIN, 0}, pollfd{::PQsocket(connection.handle), POLLIN, 0}};
    if (::poll(ready.data(), ready.size(), -1) < 0) continue;
    if (ready[0].revents != 0) return;
    if (::PQconsumeInput(connection.handle) == 0 || !connection.works()) {
      log::warning("database: the connection for changes by others is lost");
      return;
    }
    while (const auto heard = Handle<PGnotify, ::PQfreemem>(::PQnotifies(connection.handle))) {
      hear(heard->extra);
    }
  }
}

void DatabaseListener::hear(const std::string& text) {
  const auto message = json::parse(text, nullptr, false);
  if (message.is_object() && message.value("by", json()) == json(replica_)) return;
  if (!message.is_object() || !message.contains("changes") || !message["changes"].is_array()) {
    return changes_.tell({});
  }
  for (const auto& change : message["changes"]) {
    const auto kind = change.value("kind", std::string("all"));
    const auto id = change.value("id", std::string{});
    const auto server = change.value("server", std::string{});
    if (kind == "server") {
      changes_.tell({Change::Kind::server, id, server});
    } else if (kind == "task") {
      changes_.tell({Change::Kind::task, id, server});
    } else if (kind == "session") {
      changes_.tell({Change::Kind::session, id, server});
    } else if (kind == "lease-ends-soon") {
      changes_.tell({Change::Kind::lease, id, server});
    } else if (kind == "secret") {
      changes_.tell({Change::Kind::secret, id, server});
    } else if (kind == "delivery") {
      changes_.tell({Change::Kind::delivery, id, server});
    } else {
      changes_.tell({});
    }
  }
}

std::string DatabaseListener::to_text(const std::string& replica, const std::vector<Change>& changes) {
  constexpr std::array kinds{"server", "task", "session", "secret", "delivery", "lease-ends-soon", "all"};
  constexpr std::size_t most_bytes = 7'999;
  auto list = json::array();
  for (const auto& change : changes) {
    list.push_back(
        {{"kind", kinds.at(static_cast<std::size_t>(change.kind))}, {"id", change.id}, {"server", change.server}});
  }
  auto text = json{{"by", replica}, {"changes", std::move(list)}}.dump();
  if (text.size() <= most_bytes) return text;
  return json{{"by", replica}, {"changes", {{{"kind", "all"}}}}}.dump();
}

}  // namespace rescue::netboot

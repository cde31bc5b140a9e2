// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/viewer/connection.hpp"

#include "core/error.hpp"
#include "core/tls/pump.hpp"

#include <glib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace rescue::viewer {
namespace {

gboolean run_report(gpointer data) {
  const std::unique_ptr<std::function<void()>> report(static_cast<std::function<void()>*>(data));
  (*report)();
  return G_SOURCE_REMOVE;
}

}  // namespace

Connection::Connection(Target target, ConnectionEvents events)
    : target_(std::move(target)), events_(std::make_shared<ConnectionEvents>(std::move(events))), receiver_(events_),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_) throw system_error("an eventfd", errno);
  thread_ = std::jthread([this] { work(); });
}

Connection::~Connection() {
  events_.reset();  // reports that still wait find nobody
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

/// Runs `report` on the main loop, if the connection still exists then.
void Connection::post(std::function<void(ConnectionEvents&)> report) const {
  auto call = std::make_unique<std::function<void()>>([receiver = receiver_, report = std::move(report)] {
    if (const auto events = receiver.lock()) report(*events);
  });
  g_idle_add(run_report, call.release());
}

void Connection::work() {
  const auto refuse = [this](const Problem& problem) {
    post([problem](ConnectionEvents& events) { events.refused(problem); });
  };
  const auto progress = [this](const std::string& text) {
    post([text](ConnectionEvents& events) { events.progress(text); });
  };
  try {
    relay(knock(target_, progress, wake_.get()));
  } catch (const Problem& problem) {
    refuse(problem);
  } catch (const std::exception& error) {
    refuse({Reason::connection_lost, FormField::none, error.what(), "Connect again."});
  }
}

void Connection::relay(Admission admission) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    throw system_error("a socket pair", errno);
  }
  const FileDescriptor ours(pair[0]);
  auto console =
      std::make_shared<Console>(Console{FileDescriptor(pair[1]), admission.endpoint, admission.role, admission.server});
  post([console](ConnectionEvents& events) { events.admitted(std::move(*console)); });
  console.reset();
  const auto end = tls::pump(admission.channel, ours.get(), wake_.get());
  if (end == tls::PumpEnd::woken) return;
  if (end == tls::PumpEnd::plain_closed) {
    throw Problem(Reason::connection_lost, FormField::none, "The server's console can't be shown.",
                  "Connect again; ask the customer whether the rescue VM runs.");
  }
  throw Problem(Reason::session_over, FormField::none, "The connection has ended.",
                "The customer has ended it, or the ticket or the session is over.");
}

}  // namespace rescue::viewer

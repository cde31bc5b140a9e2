// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/ticket/tls_ticket_desk.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "credentials/connection_files.hpp"
#include "orchestrator/ticket/listener.hpp"
#include "orchestrator/ticket/visit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <list>
#include <thread>

namespace rescue::ticket {
namespace {

/// "ab:cd:...".
std::string colons_of(const tls::Digest& digest) { return fmt::format("{:02x}", fmt::join(digest, ":")); }

/// Notices a peer that has vanished within a minute, and sends keys at once.
void set_up_connection(int socket) {
  const int on = 1;
  const int idle_seconds = 20;
  const int interval_seconds = 10;
  const int probes = 4;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  // Keepalive sends no probes while data waits for its acknowledgement.
  const unsigned int lost_ms = 60'000;
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &lost_ms, sizeof lost_ms);
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

net::IpAddress peer_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const auto found = net::IpAddress::of_socket(reinterpret_cast<const sockaddr*>(&address));
  return found ? found->unmapped() : net::IpAddress();
}

}  // namespace

/// A ticket with its listener's thread; it ends by its state, and is joined by the destructor.
class TlsTicketDesk::Opened {
public:
  Opened(Secret ticket_number, TicketTerms terms, Listening listening, Clock& clock, std::function<void()> changed)
      : number_(std::move(ticket_number)), terms_(std::move(terms)), listening_(std::move(listening)),
        opened_(clock.wall()), state_(clock, terms_.rules, std::move(changed)), event_(make_event()),
        thread_([this] { listen(); }) {}
  ~Opened() { close("rescued ends"); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  void close(const std::string& reason) {
    state_.close(reason);
    signal_event(event_.get());
  }

  [[nodiscard]] domain::TicketView view() const {
    domain::TicketView view;
    view.addresses = terms_.site.addresses;
    view.port = listening_.port;
    view.certificate = colons_of(terms_.identity.fingerprint());
    view.ask_customer = terms_.order.ask_customer;
    view.role = terms_.order.role;
    view.opened = opened_;
    state_.show(view);
    return view;
  }
  [[nodiscard]] const Secret& number() const { return number_; }
  [[nodiscard]] TicketState& state() { return state_; }
  [[nodiscard]] const TicketTerms& terms() const { return terms_; }
  [[nodiscard]] std::uint16_t port() const { return listening_.port; }

private:
  struct Visitor {
    FileDescriptor wake = make_event();
    std::atomic<bool> gone = false;
    std::jthread thread;
  };

  void listen() {
    for (;;) {
      std::array<pollfd, 2> ready{pollfd{listening_.socket.get(), POLLIN, 0}, pollfd{event_.get(), POLLIN, 0}};
      const int count = ::poll(ready.data(), ready.size(), -1);
      drain_event();
      visitors_.remove_if([](const auto& one) { return one->gone.load(); });
      if (state_.is_closed()) break;
      if (count > 0 && ready[0].revents != 0) accept_one();
    }
    listening_.socket.reset();
    visitors_.clear();  // joins them: their wake descriptors are readable
  }

  void drain_event() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto size = ::read(event_.get(), &count, sizeof count);
  }

  /// After a refused accept: waits until a connection ends, or a moment, if descriptors or memory are used up.
  void wait_for_room(int error) {
    if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM) return;
    constexpr int moment_ms = 1'000;
    pollfd ended{event_.get(), POLLIN, 0};
    [[maybe_unused]] const int count = ::poll(&ended, 1, moment_ms);
  }

  void accept_one() {
    FileDescriptor socket(::accept4(listening_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return wait_for_room(errno);
    try {
      auto visitor = std::make_unique<Visitor>();
      const auto id = state_.enter(peer_of(socket.get()), visitor->wake.get());
      if (!id) return;
      set_up_connection(socket.get());
      receive(std::move(visitor), std::move(socket), *id);
    } catch (const std::exception& error) {
      log::warning("ticket: a connection can't be accepted: {}", error.what());
    }
  }

  void receive(std::unique_ptr<Visitor> visitor, FileDescriptor socket, std::uint64_t id) {
    auto* const place = visitor.get();
    visitors_.push_back(std::move(visitor));
    try {
      place->thread = std::jthread([this, place, id, peer = std::move(socket)]() mutable {
        receive_visitor(terms_, state_, std::move(peer), id, place->wake.get());
        place->gone = true;
        signal_event(event_.get());
      });
    } catch (const std::system_error&) {
      state_.leave(id);
      visitors_.pop_back();
      throw;
    }
  }

  Secret number_;
  TicketTerms terms_;
  Listening listening_;
  WallTime opened_;
  TicketState state_;
  FileDescriptor event_;
  std::list<std::unique_ptr<Visitor>> visitors_;  ///< of the listener's thread
  std::jthread thread_;
};

TlsTicketDesk::TlsTicketDesk(Clock& clock, const TicketRules& rules) : clock_(clock), rules_(rules) {}
TlsTicketDesk::~TlsTicketDesk() = default;

void TlsTicketDesk::open(const domain::TicketSite& site, const domain::TicketOrder& order) {
  const std::lock_guard one_at_a_time(opening_);
  if (const auto last = current(); last && !last->state().is_closed()) {
    throw Error(ErrorCode::conflict, "a ticket is open", "See `rescuectl ticket show`, or end it first.");
  }
  // Joins the last one before its port is wanted; without the lock, which its connections may need for their end.
  replace(nullptr);
  auto number = credentials::make_ticket();
  auto identity = tls::Identity::make("rescue ticket");
  credentials::TicketKey key(number, identity.fingerprint());
  auto listening = listen_for_viewers(site.ports, order.port);
  const auto port = listening.port;
  replace(std::make_shared<Opened>(std::move(number),
                                   TicketTerms{site, order, rules_, std::move(identity), std::move(key)},
                                   std::move(listening), clock_, [this] { report_change(); }));
  log::info("ticket: opened on port {}, role {}{}", port, name_of(order.role),
            order.ask_customer ? "" : ", without asking the customer");
  report_change();
}

void TlsTicketDesk::replace(std::shared_ptr<Opened> opened) {
  {
    const std::lock_guard lock(mutex_);
    std::swap(opened_, opened);
  }
  opened.reset();
}

std::shared_ptr<TlsTicketDesk::Opened> TlsTicketDesk::current() const {
  const std::lock_guard lock(mutex_);
  return opened_;
}

std::shared_ptr<TlsTicketDesk::Opened> TlsTicketDesk::require_open() const {
  auto opened = current();
  if (!opened || opened->state().is_closed()) {
    throw Error(ErrorCode::not_found, "no ticket is open", "Open one with `rescuectl ticket open`.");
  }
  return opened;
}

void TlsTicketDesk::close(const std::string& reason) {
  if (const auto opened = current()) opened->close(reason);
}

void TlsTicketDesk::answer(std::uint64_t visitor, bool yes) { require_open()->state().answer(visitor, yes); }

domain::TicketView TlsTicketDesk::view() const {
  const auto opened = current();
  return opened ? opened->view() : domain::TicketView();
}

Secret TlsTicketDesk::number() const { return require_open()->number().clone(); }

Secret TlsTicketDesk::invitation() const {
  const auto opened = require_open();
  credentials::ConnectionDetails details;
  for (const auto& address : opened->terms().site.addresses) details.addresses.push_back({address, opened->port()});
  details.user = "helpdesk";  // in no part of an invitation; the data of a connection must have one
  details.ticket = std::string(opened->number().reveal());
  details.viewer_certificate = colons_of(opened->terms().identity.fingerprint());
  auto xml = credentials::invitation_xml(details);
  Secret invitation{std::string_view(xml)};
  wipe(xml);
  wipe(details.ticket);
  return invitation;
}

void TlsTicketDesk::report_change() {
  const std::lock_guard lock(sink_mutex_);
  sink_();
}

void TlsTicketDesk::subscribe(std::function<void()> sink) {
  const std::lock_guard lock(sink_mutex_);
  sink_ = std::move(sink);
}

}  // namespace rescue::ticket

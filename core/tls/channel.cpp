// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/tls/channel.hpp"

#include "core/sigpipe.hpp"
#include "core/tls/openssl.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace rescue::tls {
namespace {

constexpr std::size_t longest_protocol = 255;
constexpr long largest_certificate_list = 16 * 1024;

/// ALPN's list of one name: its length, then its bytes.
std::string protocol_list(const std::string& protocol) {
  if (protocol.empty() || protocol.size() > longest_protocol) {
    throw Error(ErrorCode::usage, "a protocol's name has 1 to 255 bytes");
  }
  return static_cast<char>(protocol.size()) + protocol;
}

const unsigned char* bytes_of(const std::string& text) {
  const void* const data = text.data();
  return static_cast<const unsigned char*>(data);
}

int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned offered_size, void* argument) {
  const auto& list = *static_cast<const std::string*>(argument);
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, bytes_of(list), static_cast<unsigned>(list.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

Context strict_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  require(context != nullptr, "a TLS context");
  require(SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) == 1, "TLS 1.3");
  // No resumption: each connection makes its own keys.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_max_cert_list(context.get(), largest_certificate_list);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

void attach(Channel::State& state) {
  const int flags = ::fcntl(state.socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(state.socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    throw system_error("the socket of a TLS channel", errno);
  }
  state.connection.reset(SSL_new(state.context.get()));
  require(state.connection != nullptr && SSL_set_fd(state.connection.get(), state.socket.get()) == 1,
          "a TLS connection");
}

/// Blocks until the socket has these events, the deadline is over or the caller is woken. `done`: it has.
Outcome wait_for(int socket, short events, const Patience& patience) {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(patience.deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return Outcome::timed_out;
    std::array<pollfd, 2> ready{pollfd{socket, events, 0}, pollfd{patience.wake, POLLIN, 0}};
    const int limit = static_cast<int>(std::min<long long>(left, std::numeric_limits<int>::max()));
    const int count = ::poll(ready.data(), ready.size(), limit);
    if (count < 0 && errno != EINTR) return Outcome::failed;
    if (count <= 0) continue;
    if (ready[1].revents != 0) return Outcome::woken;
    if (ready[0].revents != 0) return Outcome::done;
  }
}

/// Repeats `attempt`, which returns what OpenSSL does, until it succeeds or can't.
template <class Attempt>
Outcome until_done(Channel::State& state, const Patience& patience, Attempt attempt) {
  const WithoutSigpipe no_signal;
  for (;;) {
    ERR_clear_error();
    errno = 0;
    const int result = attempt(state.connection.get());
    if (result > 0) return Outcome::done;
    const int error = SSL_get_error(state.connection.get(), result);
    if (error == SSL_ERROR_ZERO_RETURN) return Outcome::closed;
    if (error == SSL_ERROR_SYSCALL && (errno == 0 || errno == ECONNRESET || errno == EPIPE)) return Outcome::closed;
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      return last_error() == "unexpected eof while reading" ? Outcome::closed : Outcome::failed;
    }
    const auto events = static_cast<short>(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
    if (const auto waited = wait_for(state.socket.get(), events, patience); waited != Outcome::done) return waited;
  }
}

}  // namespace

Channel::Channel(std::unique_ptr<State> state) : state_(std::move(state)) {}
Channel::Channel(Channel&& other) noexcept = default;
Channel& Channel::operator=(Channel&& other) noexcept = default;
Channel::~Channel() = default;

Channel Channel::server(FileDescriptor socket, const Identity& identity, const std::string& protocol) {
  auto state = std::make_unique<State>();
  state->socket = std::move(socket);
  state->protocol = protocol_list(protocol);
  state->context = strict_context(TLS_server_method());
  const auto& material = *identity.material_;
  require(SSL_CTX_use_certificate(state->context.get(), material.certificate.get()) == 1, "the certificate");
  require(SSL_CTX_use_PrivateKey(state->context.get(), material.key.get()) == 1, "the certificate's key");
  SSL_CTX_set_alpn_select_cb(state->context.get(), select_protocol, &state->protocol);
  attach(*state);
  SSL_set_accept_state(state->connection.get());
  return Channel(std::move(state));
}

Channel Channel::client(FileDescriptor socket, const std::string& protocol) {
  auto state = std::make_unique<State>();
  state->socket = std::move(socket);
  state->protocol = protocol_list(protocol);
  state->context = strict_context(TLS_client_method());
  const auto& list = state->protocol;
  // Returns 0 for success, unlike its neighbours.
  require(SSL_CTX_set_alpn_protos(state->context.get(), bytes_of(list), static_cast<unsigned>(list.size())) == 0,
          "the protocol's name");
  attach(*state);
  SSL_set_connect_state(state->connection.get());
  return Channel(std::move(state));
}

Outcome Channel::handshake(const Patience& patience) {
  const auto outcome = until_done(*state_, patience, [](SSL* connection) { return SSL_do_handshake(connection); });
  if (outcome != Outcome::done) return outcome;
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(state_->connection.get(), &chosen, &size);
  const bool ours = size + 1U == state_->protocol.size() && std::memcmp(chosen, state_->protocol.data() + 1, size) == 0;
  return ours ? Outcome::done : Outcome::failed;
}

Digest Channel::server_certificate() const {
  auto* const connection = state_->connection.get();
  if (SSL_is_server(connection) == 1) return digest_of(SSL_get_certificate(connection));
  const Certificate certificate(SSL_get1_peer_certificate(connection));
  require(certificate != nullptr, "the server's certificate");
  return digest_of(certificate.get());
}

Digest Channel::binding() const {
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  Digest value{};
  require(SSL_export_keying_material(state_->connection.get(), value.data(), value.size(), label.data(), label.size(),
                                     nullptr, 0, 0) == 1,
          "the channel's binding");
  return value;
}

Outcome Channel::send(std::span<const std::uint8_t> bytes, const Patience& patience) {
  while (!bytes.empty()) {
    std::size_t count = 0;
    const auto outcome = until_done(*state_, patience, [&](SSL* connection) {
      return SSL_write_ex(connection, bytes.data(), bytes.size(), &count);
    });
    if (outcome != Outcome::done) return outcome;
    bytes = bytes.subspan(count);
  }
  return Outcome::done;
}

Outcome Channel::receive(std::span<std::uint8_t> into, const Patience& patience) {
  while (!into.empty()) {
    std::size_t count = 0;
    const auto outcome = until_done(
        *state_, patience, [&](SSL* connection) { return SSL_read_ex(connection, into.data(), into.size(), &count); });
    if (outcome != Outcome::done) return outcome;
    into = into.subspan(count);
  }
  return Outcome::done;
}

Outcome Channel::wait_readable(const Patience& patience) {
  if (SSL_has_pending(state_->connection.get()) == 1) return Outcome::done;
  return wait_for(state_->socket.get(), POLLIN, patience);
}

void Channel::close() noexcept {
  const WithoutSigpipe no_signal;
  if (SSL_is_init_finished(state_->connection.get()) == 1) SSL_shutdown(state_->connection.get());
  ERR_clear_error();
}

}  // namespace rescue::tls

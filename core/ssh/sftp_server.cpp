// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/ssh/sftp_server.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/ssh/sftp_requests.hpp"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <libssh/sftp.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>
#include <utility>

namespace rescue::ssh {
namespace {

using Bind = Handle<ssh_bind_struct, ssh_bind_free>;
using ServerSession = Handle<ssh_session_struct, ssh_free>;
using PublicKey = Handle<ssh_key_struct, ssh_key_free>;
using Event = Handle<ssh_event_struct, ssh_event_free>;
using Message = Handle<sftp_client_message_struct, sftp_client_message_free>;

void free_sftp(sftp_session session) { sftp_server_free(session); }
using Sftp = Handle<sftp_session_struct, free_sftp>;

PublicKey key_of(const std::string& line) {
  std::istringstream words(line);
  std::string type;
  std::string base64;
  words >> type >> base64;
  ssh_key key = nullptr;
  const auto known = ssh_key_type_from_name(type.c_str());
  if (known == SSH_KEYTYPE_UNKNOWN || ssh_pki_import_pubkey_base64(base64.c_str(), known, &key) != SSH_OK)
    return nullptr;
  return PublicKey(key);
}

std::vector<PublicKey> keys_of(const std::vector<std::string>& lines) {
  std::vector<PublicKey> keys;
  for (const auto& line : lines) {
    if (auto key = key_of(line)) keys.push_back(std::move(key));
  }
  if (keys.empty()) {
    throw Error(ErrorCode::config_invalid, "no line of the authorized keys is a public key",
                "A line is: ssh-ed25519 AAAA...");
  }
  return keys;
}

Error failed(ssh_session session, const std::string& what) {
  return {ErrorCode::network, what + ": " + ssh_get_error(session)};
}

/// One client, from its key exchange to the request for SFTP. libssh calls back while it polls.
class Arrival {
public:
  Arrival(ssh_session session, const std::vector<std::string>& lines) : session_(session), keys_(keys_of(lines)) {
    ssh_callbacks_init(&server_);
    server_.userdata = this;
    server_.auth_pubkey_function = on_key;
    server_.channel_open_request_session_function = on_channel;
    ssh_callbacks_init(&channel_calls_);
    channel_calls_.userdata = this;
    channel_calls_.channel_subsystem_request_function = on_subsystem;
    ssh_set_server_callbacks(session_, &server_);
  }
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  /// The channel of SFTP; it belongs to the session.
  ssh_channel wait() {
    if (ssh_handle_key_exchange(session_) != SSH_OK) throw failed(session_, "no key exchange");
    ssh_set_auth_methods(session_, SSH_AUTH_METHOD_PUBLICKEY);
    const Event event(ssh_event_new());
    if (!event || ssh_event_add_session(event.get(), session_) != SSH_OK) throw failed(session_, "no event loop");
    constexpr int for_ever = -1;  // the alarm ends it
    while (!ready_) {
      if (ssh_event_dopoll(event.get(), for_ever) == SSH_ERROR) {
        throw Error(authenticated_ ? ErrorCode::network : ErrorCode::access_unproven, "the client has gone");
      }
    }
    (void)ssh_event_remove_session(event.get(), session_);
    return channel_;
  }

private:
  static Arrival& of(void* self) { return *static_cast<Arrival*>(self); }

  static int on_key(ssh_session, const char*, ssh_key_struct* key, char state, void* self) {
    for (const auto& known : of(self).keys_) {
      if (ssh_key_cmp(known.get(), key, SSH_KEY_CMP_PUBLIC) != 0) continue;
      if (state == SSH_PUBLICKEY_STATE_NONE) return SSH_AUTH_SUCCESS;  // it may sign
      if (state != SSH_PUBLICKEY_STATE_VALID) return SSH_AUTH_DENIED;
      of(self).authenticated_ = true;
      return SSH_AUTH_SUCCESS;
    }
    return SSH_AUTH_DENIED;
  }

  static ssh_channel on_channel(ssh_session session, void* self) {
    auto& arrival = of(self);
    if (!arrival.authenticated_ || arrival.channel_ != nullptr) return nullptr;
    arrival.channel_ = ssh_channel_new(session);
    if (arrival.channel_ != nullptr) ssh_set_channel_callbacks(arrival.channel_, &arrival.channel_calls_);
    return arrival.channel_;
  }

  static int on_subsystem(ssh_session, ssh_channel, const char* name, void* self) {
    constexpr int refused = 1;
    if (std::string_view(name) != "sftp" || of(self).ready_) return refused;
    of(self).ready_ = true;
    return 0;
  }

  ssh_session session_;
  std::vector<PublicKey> keys_;
  ssh_server_callbacks_struct server_{};
  ssh_channel_callbacks_struct channel_calls_{};
  ssh_channel channel_ = nullptr;
  bool authenticated_ = false;
  bool ready_ = false;
};

void accept(ssh_bind bind, ssh_session session, int connection, const Secret& host_key) {
  bool off = false;  // no configuration of the host's
  ssh_key key = nullptr;
  std::string text(host_key.reveal());  // libssh takes a C string
  const int imported = ssh_pki_import_privkey_base64(text.c_str(), nullptr, nullptr, nullptr, &key);
  wipe(text);
  if (imported != SSH_OK || ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &off) != SSH_OK ||
      ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) != SSH_OK) {
    throw Error(ErrorCode::internal, "the host key can't be used");
  }
  const int own = ::dup(connection);  // libssh closes what it is given
  if (own < 0 || ssh_bind_accept_fd(bind, session, own) != SSH_OK) {
    throw Error(ErrorCode::network, std::string("no session: ") + ssh_get_error(bind));
  }
}

/// Exchanges the versions. libssh 0.11 calls it deprecated, in favour of a server of the whole host's files; without it
/// no client goes on.
int begin_sftp(sftp_session sftp) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return sftp_server_init(sftp);
#pragma GCC diagnostic pop
}

}  // namespace

HostKey make_host_key() {
  ssh_key raw = nullptr;
  if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &raw) != SSH_OK)
    throw Error(ErrorCode::internal, "no host key was made");
  const PublicKey key(raw);
  char* exported = nullptr;
  char* base64 = nullptr;
  unsigned char* hash = nullptr;
  std::size_t length = 0;
  if (ssh_pki_export_privkey_base64(key.get(), nullptr, nullptr, nullptr, &exported) != SSH_OK ||
      ssh_pki_export_pubkey_base64(key.get(), &base64) != SSH_OK ||
      ssh_get_publickey_hash(key.get(), SSH_PUBLICKEY_HASH_SHA256, &hash, &length) != SSH_OK) {
    throw Error(ErrorCode::internal, "the host key can't be written");
  }
  char* const fingerprint = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length);
  HostKey made{Secret(std::string_view(exported)), std::string("ssh-ed25519 ") + base64,
               fingerprint == nullptr ? "" : fingerprint};
  for (std::string_view text(exported); !text.empty(); text.remove_suffix(1)) exported[text.size() - 1] = '\0';
  ssh_string_free_char(exported);
  ssh_string_free_char(base64);
  ssh_clean_pubkey_hash(&hash);
  ssh_string_free_char(fingerprint);
  return made;
}

void serve_sftp(int connection, const Secret& host_key, const SftpRules& rules, SftpTree& tree) {
  ::alarm(rules.login_seconds);
  const Bind bind(ssh_bind_new());
  const ServerSession session(ssh_new());
  if (!bind || !session) throw std::bad_alloc();
  accept(bind.get(), session.get(), connection, host_key);
  Arrival arrival(session.get(), rules.authorized_keys);
  auto* const channel = arrival.wait();
  const Sftp sftp(sftp_server_new(session.get(), channel));
  if (!sftp || begin_sftp(sftp.get()) != 0) throw failed(session.get(), "no SFTP");
  SftpRequests requests(sftp.get(), tree, rules.most_open);
  for (;;) {
    ::alarm(rules.idle_seconds);
    const Message message(sftp_get_client_message(sftp.get()));
    if (!message) break;
    requests.answer(message.get());
  }
  // The client hangs up: OpenSSH's prints a disconnect of ours as if something had gone wrong.
  constexpr unsigned patience = 5;
  ::alarm(patience);
  (void)ssh_channel_request_send_exit_status(channel, 0);
  (void)ssh_channel_close(channel);
  const Event event(ssh_event_new());
  if (!event || ssh_event_add_session(event.get(), session.get()) != SSH_OK) return;
  while (ssh_is_connected(session.get()) != 0 && ssh_event_dopoll(event.get(), -1) == SSH_OK) {
  }
}

}  // namespace rescue::ssh

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/mail/smtp.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/mail/message.hpp"
#include "core/net/ip_address.hpp"
#include "core/printable.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace rescue::mail {
namespace {

constexpr std::size_t longest_reply = 300;  ///< bytes of a server's reply that are kept

using SmtpHandle = Handle<CURL, curl_easy_cleanup>;
using Recipients = Handle<curl_slist, curl_slist_free_all>;

void initialise_curl_once() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!ready) throw Error(ErrorCode::internal, "libcurl can't be initialised");
}

template <class Value>
void set_option(CURL* easy, CURLoption option, Value value) {
  if (const auto result = curl_easy_setopt(easy, option, value); result != CURLE_OK) {
    throw Error(ErrorCode::internal,
                fmt::format("libcurl refuses option {}: {}", static_cast<int>(option), curl_easy_strerror(result)));
  }
}

/// The conversation as far as it decides the result.
struct Conversation {
  std::string_view mail;  ///< the rest to send
  std::string reply{};    ///< the last one, its lines joined
  bool is_complete = false;
  bool is_about_mail = false;  ///< the last command; its text is not kept, since that of AUTH is a password
  bool is_over = false;        ///< QUIT was sent: its reply is no result
  const std::stop_token* stop = nullptr;
};

std::size_t give_mail(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto& mail = static_cast<Conversation*>(context)->mail;
  const auto bytes = mail.copy(buffer, size * count);
  mail.remove_prefix(bytes);
  return bytes;
}

void note_line(Conversation& conversation, curl_infotype type, std::string_view line) {
  if (conversation.is_over) return;
  if (type == CURLINFO_HEADER_OUT) {
    conversation.is_over = line.starts_with("QUIT");
    if (conversation.is_over) return;
    conversation.is_about_mail = line.starts_with("MAIL") || line.starts_with("RCPT") || line.starts_with("DATA");
  } else if (type == CURLINFO_HEADER_IN) {
    auto& reply = conversation.reply;
    if (std::exchange(conversation.is_complete, line.size() <= 3 || line[3] != '-')) reply.clear();
    if (reply.size() < longest_reply) reply += line.substr(0, longest_reply);
  }
}

int note_line(CURL*, curl_infotype type, char* data, std::size_t size, void* context) {
  try {
    note_line(*static_cast<Conversation*>(context), type, {data, size});
  } catch (...) {  // out of memory: the result lacks a text
    return 0;
  }
  return 0;
}

int is_stopped(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& conversation = *static_cast<Conversation*>(context);
  // The reply to QUIT is not waited for.
  return conversation.is_over || conversation.stop->stop_requested() ? 1 : 0;
}

void describe_server(CURL* easy, const SmtpOptions& options) {
  const auto scheme = options.tls == SmtpTls::smtps ? "smtps" : "smtp";
  const auto url = fmt::format("{}://{}:{}/{}", scheme, net::host_in_url(options.host), options.port, options.hello);
  set_option(easy, CURLOPT_URL, url.c_str());
  set_option(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set_option(easy, CURLOPT_PROXY, "");  // no environment variable decides where mails go
  // CURLUSESSL_TRY would send in clear to a server without STARTTLS: findings/curl-smtp-try-sends-in-clear.sh.
  set_option(easy, CURLOPT_USE_SSL, static_cast<long>(options.tls == SmtpTls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  set_option(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) {
    set_option(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    set_option(easy, CURLOPT_CAPATH, nullptr);
  }
  set_option(easy, CURLOPT_NOSIGNAL, 1L);
  // A connection that is kept is ended with the handle, where libcurl waits two minutes for the reply to QUIT, whatever
  // the limits are: findings/curl-smtp-quit-outlasts-the-time-limit.sh.
  set_option(easy, CURLOPT_FORBID_REUSE, 1L);
  set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_limit.count()));
  set_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.time_limit.count()));
  if (options.user.empty()) return;
  const auto password = read_secret_file(options.password_file);
  Secret ended(password.size() + 1);  // libcurl wants a zero byte
  *std::copy(password.reveal().begin(), password.reveal().end(), ended.data()) = '\0';
  set_option(easy, CURLOPT_USERNAME, options.user.c_str());
  set_option(easy, CURLOPT_PASSWORD, ended.data());
}

unsigned reply_code(std::string_view reply) {
  unsigned code = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i >= reply.size() || std::isdigit(static_cast<unsigned char>(reply[i])) == 0) return 0;
    code = 10 * code + static_cast<unsigned>(reply[i] - '0');
  }
  return code;
}

/// True for a 5xx that concerns this mail. Replies to the greeting, EHLO and AUTH, and those that demand a login or
/// TLS, are about the server or our configuration: an operator may correct that while the mail waits.
bool is_refusal_of_mail(const Conversation& seen, unsigned code) {
  constexpr std::array of_configuration{530U, 534U, 535U, 538U};
  if (code < 500 || code > 599) return false;
  if (std::find(of_configuration.begin(), of_configuration.end(), code) != of_configuration.end()) return false;
  return seen.is_about_mail;
}

SmtpResult failed_result(const SmtpOptions& options, CURLcode result, const Conversation& seen, const char* detail) {
  const auto place = fmt::format("{}:{}", net::host_in_url(options.host), options.port);
  const auto reply = printable(seen.reply, longest_reply);
  const auto code = reply_code(seen.reply);
  const auto fault = printable(*detail == '\0' ? curl_easy_strerror(result) : detail, longest_reply);
  switch (result) {
  case CURLE_ABORTED_BY_CALLBACK:
    throw Error(ErrorCode::cancelled, "the mail to " + place + " was cancelled");
  case CURLE_USE_SSL_FAILED:
    return {SmtpOutcome::temporary, fmt::format("{} offers no STARTTLS: nothing was sent", place)};
  case CURLE_PEER_FAILED_VERIFICATION:
    return {SmtpOutcome::temporary, fmt::format("the certificate of {} is not trusted: {}", place, fault)};
  case CURLE_SSL_CACERT_BADFILE:
    return {SmtpOutcome::temporary, fmt::format("the CA file for {} can't be read: {}", place, options.ca_file)};
  case CURLE_LOGIN_DENIED:
    return {SmtpOutcome::temporary, fmt::format("{} refuses the login: {}", place, code == 0 ? fault : reply)};
  default:
    break;
  }
  if (code >= 400) {
    return {is_refusal_of_mail(seen, code) ? SmtpOutcome::permanent : SmtpOutcome::temporary, reply};
  }
  if (result == CURLE_OPERATION_TIMEDOUT) {
    return {SmtpOutcome::temporary, fmt::format("no answer from {} in time", place)};
  }
  return {SmtpOutcome::temporary, fmt::format("{} can't be reached: {}", place, fault)};
}

void require_addresses(const Envelope& envelope) {
  for (const auto& address : {envelope.from, envelope.to}) {
    if (is_mail_address(address)) continue;
    throw Error(ErrorCode::usage, fmt::format("'{}' is not a mail address", printable(address, longest_reply)));
  }
}

}  // namespace

SmtpResult SmtpClient::send(const Envelope& envelope, const Secret& message, const std::stop_token& stop) const {
  require_addresses(envelope);
  initialise_curl_once();
  // Both outlive the handle, whose end sends QUIT.
  Conversation seen{message.reveal()};
  std::array<char, CURL_ERROR_SIZE> detail{};
  seen.stop = &stop;
  const Recipients recipients(curl_slist_append(nullptr, envelope.to.c_str()));
  const SmtpHandle easy(curl_easy_init());
  if (!easy || !recipients) throw std::bad_alloc();
  describe_server(easy.get(), options_);
  set_option(easy.get(), CURLOPT_MAIL_FROM, envelope.from.c_str());
  set_option(easy.get(), CURLOPT_MAIL_RCPT, recipients.get());
  set_option(easy.get(), CURLOPT_UPLOAD, 1L);
  set_option(easy.get(), CURLOPT_READFUNCTION, &give_mail);
  set_option(easy.get(), CURLOPT_READDATA, &seen);
  set_option(easy.get(), CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  set_option(easy.get(), CURLOPT_NOPROGRESS, 0L);
  set_option(easy.get(), CURLOPT_XFERINFOFUNCTION, &is_stopped);
  set_option(easy.get(), CURLOPT_XFERINFODATA, &seen);
  // Nothing is printed: the function takes commands and replies.
  int (*const note)(CURL*, curl_infotype, char*, std::size_t, void*) = &note_line;
  set_option(easy.get(), CURLOPT_VERBOSE, 1L);
  set_option(easy.get(), CURLOPT_DEBUGFUNCTION, note);
  set_option(easy.get(), CURLOPT_DEBUGDATA, &seen);
  set_option(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  const auto result = curl_easy_perform(easy.get());
  if (result != CURLE_OK) return failed_result(options_, result, seen, detail.data());
  return {SmtpOutcome::accepted, printable(seen.reply, longest_reply)};
}

}  // namespace rescue::mail

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/http/certificate_check.hpp"
#include "core/http/request_id.hpp"
#include "core/peer_json.hpp"
#include "core/timed.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <initializer_list>

namespace rescue::http {
namespace {

using Easy = Handle<CURL, curl_easy_cleanup>;
using Multi = Handle<CURLM, curl_multi_cleanup>;

/// Request headers; wiped before they are freed, since one may hold the token.
class HeaderList {
public:
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() {
    for (auto* entry = first_; entry != nullptr; entry = entry->next)
      sodium_memzero(entry->data, std::strlen(entry->data));
    curl_slist_free_all(first_);
  }
  void add(std::string_view name, std::string_view value) {
    constexpr std::string_view separator = ": ";
    Secret line(name.size() + separator.size() + value.size() + 1);
    auto* end = line.data();
    for (const auto part : {name, separator, value}) end += part.copy(end, part.size());
    *end = '\0';
    add(line.data());
  }
  void add(const char* line) {
    auto* const longer = curl_slist_append(first_, line);
    if (longer == nullptr) throw std::bad_alloc();
    first_ = longer;
  }
  [[nodiscard]] curl_slist* get() const { return first_; }

private:
  curl_slist* first_ = nullptr;
};

void initialise_once() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && sodium_init() >= 0;
  if (!ready) throw Error(ErrorCode::internal, "libcurl can't be initialised");
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (const auto result = curl_easy_setopt(easy, option, value); result != CURLE_OK) {
    throw Error(ErrorCode::internal,
                fmt::format("libcurl refuses option {}: {}", static_cast<int>(option), curl_easy_strerror(result)));
  }
}

struct Received {
  Response response;
  std::size_t largest = 0;  ///< limit of headers and body in memory
  std::size_t taken = 0;
  bool too_large = false;
  CURL* easy = nullptr;
  const std::function<void(std::string_view)>* sink = nullptr;  ///< receives a download; none: into memory
  long sunk_status = 0;                                         ///< status of the answer whose body goes to `sink`
  std::exception_ptr sink_failure;
};

CURLcode install_check(CURL*, void* ssl_context, void* check) {
  static_cast<CertificateCheck*>(check)->install(ssl_context);
  return CURLE_OK;
}

std::size_t sink_body(Received& received, std::string_view bytes) {
  try {
    (*received.sink)(bytes);
  } catch (...) {
    received.sink_failure = std::current_exception();
    return 0;
  }
  return bytes.size();
}

/// Counts bytes in memory; false above the limit.
bool fits(Received& received, std::size_t bytes) {
  received.taken += bytes;
  received.too_large = received.too_large || received.taken > received.largest;
  return !received.too_large;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto& received = *static_cast<Received*>(context);
  const auto bytes = size * count;
  if (received.sink != nullptr) {
    long status = 0;
    curl_easy_getinfo(received.easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == received.sunk_status) return sink_body(received, {data, bytes});
  }
  if (!fits(received, bytes)) return 0;
  try {
    received.response.body.append(data, bytes);
  } catch (...) {
    return 0;
  }
  return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto& received = *static_cast<Received*>(context);
  if (!fits(received, size * count)) return 0;
  auto& headers = received.response.headers;
  std::string_view line(data, size * count);
  try {
    if (line.starts_with("HTTP/")) headers.clear();  // drop the headers of a 100 Continue
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return size * count;
    auto value = line.substr(colon + 1);
    while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
    headers.emplace_back(line.substr(0, colon), value);
  } catch (...) {
    return 0;
  }
  return size * count;
}

/// Reason why a handshake failed, from OpenSSL's text; empty if it is neither the protocol nor the key.
std::string_view tls_problem_of(std::string_view detail) {
  const auto holds_one_of = [detail](std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [detail](auto part) { return detail.find(part) != std::string_view::npos; });
  };
  if (holds_one_of({"too small", "too weak"})) return "its key is too weak";
  if (holds_one_of({"protocol", "version", "legacy", "handshake failure", "no shared cipher", "wrong cipher",
                    "no suitable", "wrong signature type", "digest algorithm"})) {
    return "its protocol is too old: the oldest that is accepted is TLS 1.2";
  }
  return {};
}

}  // namespace

/// Appends the request's id to the hint, to find it in the server's log.
std::string with_request_id(std::string hint, const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == request_id_header) return fmt::format("{}{}Request: {}", hint, hint.empty() ? "" : " ", value);
  }
  return hint;
}

/// Error code of a status, if the body is not a problem of ours.
void throw_if_problem(const Response& response) {
  if (response.status < 400) return;
  const auto body = parse_peer_json(response.body);
  const auto text = [&body](const char* key) {
    return body.is_object() && body.contains(key) && body[key].is_string() ? body[key].get<std::string>()
                                                                           : std::string{};
  };
  const auto code_name = text("code");
  if (!code_name.empty()) {
    auto message = text("detail");
    const auto causes = body.value("causes", nlohmann::json::array());
    for (const auto& cause : causes) {
      if (cause.is_string()) message += ": " + cause.get<std::string>();
    }
    throw Error(error_code_of(code_name), message, with_request_id(text("hint"), response));
  }
  const auto code = response.status == 401 || response.status == 403   ? ErrorCode::denied
                    : response.status == 404                           ? ErrorCode::not_found
                    : response.status == 409                           ? ErrorCode::conflict
                    : response.status == 408 || response.status == 504 ? ErrorCode::timeout
                    : response.status >= 500                           ? ErrorCode::unavailable
                                                                       : ErrorCode::usage;
  throw Error(code, fmt::format("the server answered with HTTP status {}", response.status));
}

class Client::Impl {
public:
  Impl(ClientOptions options, Secret token) : options_(std::move(options)), token_(std::move(token)) {
    initialise_once();
    while (options_.base_url.ends_with('/')) options_.base_url.pop_back();
  }

  Response request(const std::string& method, const std::string& path, const std::string& body, const HeaderViews& more,
                   const std::stop_token& stop) const {
    const Easy easy(curl_easy_init());
    const Multi multi(curl_multi_init());
    if (!easy || !multi) throw std::bad_alloc();
    HeaderList headers;
    Received received;
    received.largest = options_.largest_answer;
    CertificateCheck check(options_.certificate_sha256, options_.legacy_tls);
    describe(easy.get(), method, path, body, check);
    const bool is_json =
        std::none_of(more.begin(), more.end(), [](const auto& h) { return h.first == "Content-Type"; });
    add_headers(headers, is_json && !body.empty());
    for (const auto& [name, value] : more) headers.add(name, value);
    set(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    set(easy.get(), CURLOPT_WRITEFUNCTION, &take_body);
    set(easy.get(), CURLOPT_WRITEDATA, &received);
    set(easy.get(), CURLOPT_HEADERFUNCTION, &take_header);
    set(easy.get(), CURLOPT_HEADERDATA, &received);
    std::array<char, CURL_ERROR_SIZE> reason{};
    set(easy.get(), CURLOPT_ERRORBUFFER, reason.data());

    const auto result = perform(easy.get(), multi.get(), stop);
    if (received.too_large) throw_too_large();
    if (result != CURLE_OK) fail(easy.get(), result, reason.data(), check);
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    received.response.status = static_cast<unsigned>(status);
    char* type = nullptr;
    curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_TYPE, &type);
    received.response.content_type = type == nullptr ? "" : type;
    return std::move(received.response);
  }

  bool download(const std::string& path, std::uint64_t offset, const std::function<void(std::string_view)>& sink,
                const std::stop_token& stop) const {
    const Easy easy(curl_easy_init());
    const Multi multi(curl_multi_init());
    if (!easy || !multi) throw std::bad_alloc();
    Received received;
    received.largest = options_.largest_answer;
    received.easy = easy.get();
    received.sink = &sink;
    received.sunk_status = offset == 0 ? 200 : 206;
    HeaderList headers;
    CertificateCheck check(options_.certificate_sha256, options_.legacy_tls);
    describe(easy.get(), "GET", path, {}, check);
    add_headers(headers, false);
    const auto range = fmt::format("{}-", offset);
    if (offset != 0) set(easy.get(), CURLOPT_RANGE, range.c_str());
    set(easy.get(), CURLOPT_TIMEOUT_MS, 0L);
    set(easy.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(easy.get(), CURLOPT_LOW_SPEED_TIME,
        static_cast<long>(std::chrono::ceil<std::chrono::seconds>(options_.time_limit).count()));
    set(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    set(easy.get(), CURLOPT_WRITEFUNCTION, &take_body);
    set(easy.get(), CURLOPT_WRITEDATA, &received);
    std::array<char, CURL_ERROR_SIZE> reason{};
    set(easy.get(), CURLOPT_ERRORBUFFER, reason.data());
    const auto result = perform(easy.get(), multi.get(), stop);
    if (received.sink_failure) std::rethrow_exception(received.sink_failure);
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    // A server without ranges sends the whole file: ignore it, however it ends.
    if (offset != 0 && (status == 200 || status == 416)) return false;
    if (result != CURLE_OK) fail(easy.get(), result, reason.data(), check);
    received.response.status = static_cast<unsigned>(status);
    throw_if_problem(received.response);
    return true;
  }

  /// Base URL, or path of the socket.
  [[nodiscard]] std::string place() const {
    return options_.unix_path.empty() ? options_.base_url : options_.unix_path;
  }

private:
  void describe(CURL* easy, const std::string& method, const std::string& path, const std::string& body,
                CertificateCheck& check) const {
    set(easy, CURLOPT_URL, (options_.base_url + path).c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_PATH_AS_IS, 1L);
    set(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
    set(easy, CURLOPT_NOBODY, method == "HEAD" ? 1L : 0L);
    if (!body.empty()) {
      set(easy, CURLOPT_POSTFIELDS, body.c_str());
      set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
      set(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
    }
    // Connect only to the configured host: no proxy from the environment, no redirect. Compressed answers are accepted.
    set(easy, CURLOPT_ACCEPT_ENCODING, "identity");
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_NOPROXY, "*");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_FRESH_CONNECT, 1L);
    set(easy, CURLOPT_FORBID_REUSE, 1L);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_limit.count()));
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.time_limit.count()));
    if (!options_.unix_path.empty()) set(easy, CURLOPT_UNIX_SOCKET_PATH, options_.unix_path.c_str());
    set_trust(easy, check);
    if (options_.local_port_count > 0) {
      set(easy, CURLOPT_LOCALPORT, static_cast<long>(options_.first_local_port));
      set(easy, CURLOPT_LOCALPORTRANGE, static_cast<long>(options_.local_port_count));
    }
  }

  void set_trust(CURL* easy, CertificateCheck& check) const {
    if (!options_.ca_file.empty()) {
      set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
      set<const char*>(easy, CURLOPT_CAPATH, nullptr);  // else the system's CAs are trusted too
    }
    if (!options_.ca_certificates.empty()) {
      auto pem = options_.ca_certificates;
      curl_blob blob{pem.data(), pem.size(), CURL_BLOB_COPY};
      set(easy, CURLOPT_CAINFO_BLOB, &blob);
      set<const char*>(easy, CURLOPT_CAPATH, nullptr);
    }
    // No CA counts then; parsing the system's 140 certificates takes longer than the handshake.
    if (check.is_pinned()) {
      set<const char*>(easy, CURLOPT_CAINFO, nullptr);
      set<const char*>(easy, CURLOPT_CAPATH, nullptr);
    }
    // The name in a pinned certificate does not matter.
    set(easy, CURLOPT_SSL_VERIFYHOST, check.is_pinned() ? 0L : 2L);
    set(easy, CURLOPT_SSL_CTX_FUNCTION, &install_check);
    set(easy, CURLOPT_SSL_CTX_DATA, &check);
  }

  void add_headers(HeaderList& headers, bool has_json) const {
    headers.add("Accept: application/json, application/problem+json");
    headers.add("User-Agent: rescue/" RESCUE_VERSION);
    headers.add("Expect:");  // our servers answer early if they refuse a body
    if (has_json) headers.add("Content-Type: application/json");
    if (token_.empty()) return;
    constexpr std::string_view scheme = "Bearer ";
    Secret value(scheme.size() + token_.size());
    scheme.copy(value.data(), scheme.size());
    token_.reveal().copy(value.data() + scheme.size(), token_.size());
    headers.add("Authorization", value.reveal());
  }

  /// Runs one transfer by the multi interface: a stop request wakes it at once, curl_easy_perform would notice it only
  /// once a second.
  static CURLcode perform(CURL* easy, CURLM* multi, const std::stop_token& stop) {
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) return CURLE_FAILED_INIT;
    const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
    int running = 1;
    auto result = CURLE_OK;
    while (running > 0 && result == CURLE_OK) {
      if (stop.stop_requested()) {
        result = CURLE_ABORTED_BY_CALLBACK;
      } else if (curl_multi_perform(multi, &running) != CURLM_OK ||
                 (running > 0 && curl_multi_poll(multi, nullptr, 0, 1000, nullptr) != CURLM_OK)) {
        result = CURLE_FAILED_INIT;
      }
    }
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi, &left)) {
      if (message->msg == CURLMSG_DONE && result == CURLE_OK) result = message->data.result;
    }
    curl_multi_remove_handle(multi, easy);
    return result;
  }

  /// Error for an answer that is too large; the request was sent.
  [[noreturn]] void throw_too_large() const {
    throw AnswerLost(ErrorCode::unavailable,
                     fmt::format("{} sent more than {} KiB", place(), options_.largest_answer >> 10U));
  }

  [[noreturn]] void fail(CURL* easy, CURLcode result, const char* reason, const CertificateCheck& check) const {
    const std::string detail = *reason == '\0' ? curl_easy_strerror(result) : reason;
    switch (result) {
    case CURLE_ABORTED_BY_CALLBACK:
      throw Error(ErrorCode::cancelled, "the request to " + place() + " was cancelled");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      throw Error(ErrorCode::config_invalid, fmt::format("'{}' is not an http or https URL", place()),
                  "Write it as http://192.0.2.1:8080.");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      throw UntrustedCertificate(fmt::format("the certificate of {} is not trusted: {}", place(), detail),
                                 "Name the CA's file, or correct the address.", check.seen());
    case CURLE_SSL_CONNECT_ERROR:
      if (const auto why = tls_problem_of(detail); !why.empty()) {
        throw TlsRefused(ErrorCode::unavailable, fmt::format("{}: {}: {}", place(), why, detail),
                         "Update its firmware, or give it a certificate with a stronger key.");
      }
      break;
    default:
      break;
    }
    const bool is_late = result == CURLE_OPERATION_TIMEDOUT;
    const auto code = is_late ? ErrorCode::timeout : ErrorCode::unavailable;
    const auto message = is_late ? fmt::format("no answer from {} in time: {}", place(), detail)
                                 : fmt::format("{} does not answer: {}", place(), detail);
    long sent = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    if (sent > 0) throw AnswerLost(code, message);
    throw Error(code, message);
  }

  ClientOptions options_;
  Secret token_;
};

Client::Client(ClientOptions options, Secret bearer_token)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(bearer_token))) {}
Client::~Client() = default;

Response Client::request(const std::string& method, const std::string& path_and_query, const std::string& body,
                         std::stop_token stop) {  // NOLINT(performance-unnecessary-value-param): as in the library
  return request(method, path_and_query, body, {}, std::move(stop));
}

Response Client::request(const std::string& method, const std::string& path_and_query, const std::string& body,
                         const HeaderViews& headers,
                         std::stop_token stop) {  // NOLINT(performance-unnecessary-value-param): as in the library
  log::Timed line("asked {} for {} {}", impl_->place(), method, path_and_query.substr(0, path_and_query.find('?')));
  auto response = impl_->request(method, path_and_query, body, headers, stop);
  line.ended(fmt::format("status {}", response.status));
  return response;
}

bool Client::download(const std::string& path_and_query, std::uint64_t offset,
                      const std::function<void(std::string_view)>& sink,
                      std::stop_token stop) {  // NOLINT(performance-unnecessary-value-param): as in the library
  const log::Timed line("downloaded {} from {}", path_and_query.substr(0, path_and_query.find('?')), impl_->place());
  return impl_->download(path_and_query, offset, sink, stop);
}

Response Client::call(const std::string& method, const std::string& path_and_query, const std::string& body,
                      std::stop_token stop) {
  auto response = request(method, path_and_query, body, std::move(stop));
  throw_if_problem(response);
  return response;
}

}  // namespace rescue::http

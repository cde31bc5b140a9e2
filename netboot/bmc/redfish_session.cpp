// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_session.hpp"

#include "core/base64.hpp"
#include "core/log.hpp"
#include "core/peer_json.hpp"
#include "core/printable.hpp"
#include "netboot/bmc/redfish_failure.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::netboot {
namespace {

using nlohmann::json;

constexpr auto root_path = "/redfish/v1/";
/// Tries to get a session; after them each request carries user and password.
constexpr unsigned session_tries = 2;

const json* find(const json& value, std::initializer_list<const char*> keys) {
  const auto* found = &value;
  for (const auto* const key : keys) {
    if (!found->is_object()) return nullptr;
    const auto member = found->find(key);
    if (member == found->end()) return nullptr;
    found = &*member;
  }
  return found;
}

constexpr std::size_t longest_path = 300;

/// Accepts paths only: links of a BMC must lead to the same BMC.
bool is_path(const std::string& text) {
  return text.size() <= longest_path && text.starts_with("/redfish/") &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// Accepts "https://192.0.2.20/redfish/v1/..." too.
std::string path_of(std::string location) {
  if (const auto scheme = location.find("://"); scheme != std::string::npos) {
    const auto slash = location.find('/', scheme + 3);
    location = slash == std::string::npos ? std::string{} : location.substr(slash);
  }
  return is_path(location) ? location : std::string{};
}

http::ClientOptions options_for(const BmcEndpoint& endpoint, RedfishLimits limits) {
  http::ClientOptions options;
  options.base_url = url_of(endpoint);
  options.ca_certificates = endpoint.ca;
  options.certificate_sha256 = endpoint.fingerprint;
  options.legacy_tls = endpoint.legacy_tls;
  options.connect_limit = limits.connect;
  options.time_limit = limits.request;
  options.largest_answer = largest_peer_json;
  return options;
}

/// None if it is no JSON object.
std::optional<RedfishResource> resource_in(const std::string& path, const http::Response& response) {
  auto body = parse_peer_json(response.body);
  if (!body.is_object()) return std::nullopt;
  auto etag = header_of(response, "ETag");
  if (etag.empty()) etag = text_at(body, {"@odata.etag"});
  return RedfishResource{path, std::move(body), std::move(etag)};
}

[[noreturn]] void fail_untrusted(const std::string& url, const http::UntrustedCertificate& error) {
  if (error.seen().empty()) {
    throw Error(ErrorCode::precondition, fmt::format("the certificate of the BMC at {} is not trusted", url),
                "Its stored CA certificates can't be read: set them again.");
  }
  const auto shown = shown_fingerprint(error.seen());
  const std::string why = error.what();
  if (why.find("too weak") != std::string::npos || why.find("too small") != std::string::npos) {
    throw Error(ErrorCode::precondition,
                fmt::format("the certificate of the BMC at {} is not trusted: its key or signature is too weak; its "
                            "SHA-256 fingerprint is {}",
                            url, shown),
                "Give the BMC a certificate with a key of 2048 bits or more; or trust this one as it is: netbootctl "
                "server bmc --bmc-fingerprint.");
  }
  throw Error(ErrorCode::precondition,
              fmt::format("the certificate of the BMC at {} is not trusted: its SHA-256 fingerprint is {}", url, shown),
              "Compare that with the certificate that the BMC itself shows. If it is the same, trust it: "
              "netbootctl server bmc --bmc-fingerprint; or name its CA: --bmc-ca-file.");
}

}  // namespace

std::string text_at(const json& value, std::initializer_list<const char*> keys) {
  const auto* const found = find(value, keys);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string{};
}

std::vector<std::string> texts_at(const json& value, std::initializer_list<const char*> keys) {
  std::vector<std::string> texts;
  const auto* const found = find(value, keys);
  if (found == nullptr || !found->is_array()) return texts;
  for (const auto& item : *found) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

RedfishSession::RedfishSession(const BmcEndpoint& endpoint, Secret password, RedfishLimits limits)
    : url_(url_of(endpoint)), user_(endpoint.user), password_(std::move(password)), limits_(limits),
      options_(options_for(endpoint, limits)), client_(options_) {}

RedfishSession::~RedfishSession() {
  if (login_ != "session" || session_.empty()) return;
  try {
    auto options = options_;
    options.time_limit =
        std::min(options.time_limit, std::clamp(2 * pace_, limits_.farewell, limits_.longest_farewell));
    options.connect_limit = std::min(options.connect_limit, options.time_limit);
    const auto answer = http::Client(options).request(
        "DELETE", session_, {}, {{"X-Auth-Token", authorization_.reveal()}, {"OData-Version", "4.0"}});
    if (answer.status >= 400) log::info("the BMC at {} did not end our session: HTTP status {}", url_, answer.status);
  } catch (const std::exception& error) {
    log::info("the BMC at {} did not end our session: {}", url_, error.what());
  }
}

http::Response RedfishSession::exchange(const std::string& method, const std::string& path, const std::string& body,
                                        const http::HeaderViews& headers) {
  auto all = headers;
  all.emplace_back("OData-Version", "4.0");
  try {
    const auto began = std::chrono::steady_clock::now();
    auto response = client_.request(method, path, body, all);
    pace_ = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
    return response;
  } catch (const http::UntrustedCertificate& error) {
    fail_untrusted(url_, error);
  } catch (const http::TlsRefused& error) {
    throw Error(ErrorCode::precondition,
                fmt::format("the BMC at {} and netbootd agree on no TLS: {}", url_, error.what()),
                "Update the BMC's firmware or its certificate. Or pin its certificate (--bmc-fingerprint), and set "
                "bmc.legacy_tls in netbootd.yaml.");
  } catch (const http::AnswerLost& error) {
    throw OutcomeUnknown(error.code(), fmt::format("the BMC at {} gave no complete answer to the request", url_),
                         error.what());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable && error.code() != ErrorCode::timeout) throw;
    throw BmcSilent(fmt::format("no BMC answers at {}: {}", url_, error.what()),
                    "Look at its address, at the management network, and whether its Redfish service is on.");
  }
}

void RedfishSession::fail(const std::string& method, const std::string& path, const http::Response& response) const {
  throw_refusal(url_, user_, method + " " + path, response);
}

const json& RedfishSession::root() {
  if (!root_.is_null()) return root_;
  const auto response = exchange("GET", root_path, {}, {});
  if (response.status == 404) {
    throw Error(ErrorCode::precondition, fmt::format("there is no Redfish service at {}", url_),
                "Enable it on the BMC, correct the URL, or use IPMI: --bmc-kind ipmi.");
  }
  if (response.status >= 300) fail("GET", root_path, response);
  auto body = parse_peer_json(response.body);
  if (!body.is_object()) {
    throw Error(ErrorCode::precondition, fmt::format("what answers at {} is no Redfish service", url_));
  }
  root_ = std::move(body);
  return root_;
}

bool RedfishSession::log_in_to(const std::string& sessions) {
  json account{{"UserName", user_}, {"Password", password_.reveal()}};
  auto body = account.dump();
  const auto wipe_both = [&] {
    wipe(body);
    wipe(account["Password"].get_ref<std::string&>());
  };
  http::Response response;
  try {
    response = exchange("POST", sessions, body, {});
  } catch (...) {
    wipe_both();
    throw;
  }
  wipe_both();
  // Services without sessions, or with none for us, may accept user and password with each request.
  const bool is_final = response.status >= 400 && response.status < 500 && response.status != 401;
  if (response.status == 501 || (is_final && response.status != 429)) return false;
  if (response.status >= 300 && response.status != 401 && ++sessions_refused_ > session_tries) return false;
  if (response.status >= 300) fail("POST", sessions, response);
  auto token = header_of(response, "X-Auth-Token");
  session_ = path_of(header_of(response, "Location"));
  if (session_.empty()) session_ = path_of(text_at(parse_peer_json(response.body), {"@odata.id"}));
  for (auto& [name, value] : response.headers) wipe(value);
  if (token.empty()) return false;
  authorization_ = Secret(std::string_view(token));
  wipe(token);
  return true;
}

void RedfishSession::use_basic() {
  constexpr std::string_view scheme = "Basic ";
  Secret plain(user_.size() + 1 + password_.size());
  auto* end = plain.data() + user_.copy(plain.data(), user_.size());
  *end++ = ':';
  password_.reveal().copy(end, password_.size());
  auto encoded = base64_of(plain.reveal());
  authorization_ = Secret(scheme.size() + encoded.size());
  scheme.copy(authorization_.data(), scheme.size());
  encoded.copy(authorization_.data() + scheme.size(), encoded.size());
  wipe(encoded);
  login_ = "basic";
}

bool RedfishSession::make_do() {
  if (!login_.empty() || sessions_refused_ == 0) return false;
  log::info("the BMC at {} has no session for us now: user and password go with each request", url_);
  use_basic();
  return true;
}

void RedfishSession::log_in() {
  const auto sessions = text_at(root(), {"Links", "Sessions", "@odata.id"});
  if (is_path(sessions) && log_in_to(sessions)) {
    login_ = "session";
  } else {
    use_basic();
  }
}

/// Logs in before the actual request, so that a failure here allows any retry.
void RedfishSession::log_in_first() {
  try {
    log_in();
  } catch (const OutcomeUnknown& error) {
    throw BmcSilent(error.what(), error.hint());
  }
}

http::Response RedfishSession::authorized(const std::string& method, const std::string& path, const json& body,
                                          const std::string& tag) {
  if (!is_path(path)) {
    throw Error(ErrorCode::precondition, fmt::format("the BMC at {} names the resource '{}', which is none", url_,
                                                     printable(path, longest_path)));
  }
  const auto text = body.is_null() ? std::string{} : body.dump();
  const auto ask = [&] {
    if (login_.empty()) log_in_first();
    http::HeaderViews headers{{login_ == "basic" ? "Authorization" : "X-Auth-Token", authorization_.reveal()}};
    if (!tag.empty()) headers.emplace_back("If-Match", tag);
    return exchange(method, path, text, headers);
  };
  const bool is_old = login_ == "session";
  auto response = ask();
  if (response.status == 401 && is_old) {
    // The session has ended: BMCs keep one for some minutes. The refused request was not carried out.
    login_.clear();
    session_.clear();
    response = ask();
  }
  return response;
}

RedfishResource RedfishSession::get(const std::string& path) {
  const auto response = authorized("GET", path, {}, {});
  if (response.status >= 300) fail("GET", path, response);
  if (auto resource = resource_in(path, response)) return *std::move(resource);
  throw OutcomeUnknown(ErrorCode::unavailable, fmt::format("the BMC at {} answers {} with no JSON object", url_, path));
}

std::optional<RedfishResource> RedfishSession::get_if_shown(const std::string& path) {
  if (!is_path(path)) return std::nullopt;
  const auto response = authorized("GET", path, {}, {});
  if (response.status < 300) return resource_in(path, response);
  if (response.status == 401) fail("GET", path, response);
  try {
    fail("GET", path, response);
  } catch (const BmcBusy&) {
    throw;
  } catch (const Error& error) {
    log::info("{}; continuing without it", error.what());
  }
  return std::nullopt;
}

http::Response RedfishSession::patch_with_tags(const std::string& path, const json& body, const std::string& etag) {
  http::Response response;
  for (const auto& tag : tags_to_try(etag)) {
    response = authorized("PATCH", path, body, tag);
    if (response.status != 412 && response.status != 428) break;
  }
  return response;
}

RedfishAnswer RedfishSession::try_patch(const RedfishResource& resource, const json& body, const std::string& parent) {
  auto response = patch_with_tags(resource.path, body, resource.etag);
  const bool is_final = response.status < 300 || response.status == 401 || response.status >= 500;
  if (is_final) return {resource.path, std::move(response)};
  for (const auto& other : named_below(parent, response)) {
    if (other == resource.path || !is_path(other)) continue;
    const auto shown = authorized("GET", other, {}, {});
    if (shown.status >= 300) continue;
    log::info("the BMC at {} wants the change at {}", url_, other);
    return {other, patch_with_tags(other, body, header_of(shown, "ETag"))};
  }
  return {resource.path, std::move(response)};
}

http::Response RedfishSession::try_post(const std::string& path, const json& body) {
  return authorized("POST", path, body, {});
}

}  // namespace rescue::netboot

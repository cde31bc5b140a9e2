// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_session.hpp"

#include "core/base64.hpp"
#include "core/log.hpp"
#include "netboot/bmc/redfish_quirks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

using nlohmann::json;

constexpr auto root_path = "/redfish/v1/";

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

std::string header_of(const http::Response& response, std::string_view name) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  for (const auto& [key, value] : response.headers) {
    if (std::equal(key.begin(), key.end(), name.begin(), name.end(), same)) return value;
  }
  return {};
}

/// What a BMC names is asked from that BMC and nobody else.
bool is_path(const std::string& text) {
  return text.starts_with("/redfish/") &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// Of "https://192.0.2.20/redfish/v1/..." too.
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
  options.connect_limit = limits.connect;
  options.time_limit = limits.request;
  return options;
}

struct Said {
  std::string id;
  std::string text;
};

/// The first message of an error (DSP0266, "Error responses").
Said said_in(const http::Response& response) {
  constexpr std::size_t longest = 300;
  const auto body = json::parse(response.body, nullptr, false);
  Said said;
  const auto* const messages = find(body, {"error", "@Message.ExtendedInfo"});
  if (messages != nullptr && messages->is_array() && !messages->empty()) {
    said = {text_at(messages->front(), {"MessageId"}), text_at(messages->front(), {"Message"})};
  }
  if (said.id.empty()) said.id = text_at(body, {"error", "code"});
  if (said.text.empty()) said.text = text_at(body, {"error", "message"});
  for (auto* const text : {&said.id, &said.text}) {
    std::replace_if(
        text->begin(), text->end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    if (text->size() > longest) text->resize(longest);
  }
  return said;
}

[[noreturn]] void fail_untrusted(const std::string& url, const http::UntrustedCertificate& error) {
  if (error.seen().empty()) {
    throw Error(ErrorCode::precondition, fmt::format("the certificate of the BMC at {} is not trusted", url),
                "The CA certificates that are kept for it can't be read: set them again.");
  }
  const auto shown = shown_fingerprint(error.seen());
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
    : url_(url_of(endpoint)), user_(endpoint.user), password_(std::move(password)),
      client_(options_for(endpoint, limits)) {}

RedfishSession::~RedfishSession() {
  if (login_ != "session" || session_.empty()) return;
  try {
    const auto answer = exchange("DELETE", session_, {}, {{"X-Auth-Token", authorization_.reveal()}});
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
    return client_.request(method, path, body, all);
  } catch (const http::UntrustedCertificate& error) {
    fail_untrusted(url_, error);
  } catch (const http::AnswerLost& error) {
    throw OutcomeUnknown(error.code(), fmt::format("the BMC at {} was asked, and gave no whole answer", url_),
                         error.what());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable && error.code() != ErrorCode::timeout) throw;
    throw Error(ErrorCode::unavailable, fmt::format("no BMC answers at {}: {}", url_, error.what()),
                "Look at its address, at the management network, and whether its Redfish service is on.");
  }
}

void RedfishSession::fail(const std::string& method, const std::string& path, const http::Response& response) const {
  const auto said = said_in(response);
  const auto what = fmt::format("{} {}: HTTP status {}{}{}", method, path, response.status,
                                said.text.empty() ? "" : ": ", said.text.empty() ? said.id : said.text);
  if (is_transient_message(said.id) || response.status == 503 || response.status == 429) {
    throw BmcBusy(fmt::format("the BMC at {} can't now: {}", url_, what), "Try again in a minute.");
  }
  switch (response.status) {
  case 401:
    throw Error(ErrorCode::denied, fmt::format("the BMC at {} refuses user or password", url_),
                "Set them again: PUT /v1/servers/{name}/bmc, or netbootctl server bmc.");
  case 403:
    throw Error(ErrorCode::denied, fmt::format("the BMC at {} does not let {} do that: {}", url_, user_, what),
                "Give the user the role Operator or Administrator on the BMC.");
  case 412:
    throw BmcBusy(fmt::format("the BMC at {} has changed the resource meanwhile: {}", url_, what));
  case 500:
  case 502:
  case 504:
    throw OutcomeUnknown(ErrorCode::unavailable, fmt::format("the BMC at {} failed: {}", url_, what),
                         "Look at the BMC itself: its log, its firmware's version.");
  default:
    throw Error(ErrorCode::precondition, fmt::format("the BMC at {} refuses the request: {}", url_, what));
  }
}

const json& RedfishSession::root() {
  if (!root_.is_null()) return root_;
  const auto response = exchange("GET", root_path, {}, {});
  if (response.status == 404) {
    throw Error(ErrorCode::precondition, fmt::format("there is no Redfish service at {}", url_),
                "Enable it on the BMC, correct the URL, or use IPMI: --bmc-kind ipmi.");
  }
  if (response.status >= 300) fail("GET", root_path, response);
  auto body = json::parse(response.body, nullptr, false);
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
  if (response.status == 404 || response.status == 405 || response.status == 501) return false;
  if (response.status >= 300) fail("POST", sessions, response);
  auto token = header_of(response, "X-Auth-Token");
  session_ = path_of(header_of(response, "Location"));
  if (session_.empty()) session_ = path_of(text_at(json::parse(response.body, nullptr, false), {"@odata.id"}));
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

void RedfishSession::log_in() {
  const auto sessions = text_at(root(), {"Links", "Sessions", "@odata.id"});
  if (is_path(sessions) && log_in_to(sessions)) {
    login_ = "session";
  } else {
    use_basic();
  }
}

http::Response RedfishSession::authorized(const std::string& method, const std::string& path, const json& body,
                                          const std::string& etag) {
  if (!is_path(path)) {
    throw Error(ErrorCode::precondition,
                fmt::format("the BMC at {} names the resource '{}', which is none", url_, path));
  }
  const auto text = body.is_null() ? std::string{} : body.dump();
  const auto ask = [&] {
    if (login_.empty()) log_in();
    http::HeaderViews headers{{login_ == "basic" ? "Authorization" : "X-Auth-Token", authorization_.reveal()}};
    if (!etag.empty()) headers.emplace_back("If-Match", etag);
    return exchange(method, path, text, headers);
  };
  const bool is_old = login_ == "session";
  auto response = ask();
  if (response.status == 401 && is_old) {
    // It has ended: BMCs keep one for some minutes. What is refused so was not carried out.
    login_.clear();
    session_.clear();
    response = ask();
  }
  if (response.status >= 300) fail(method, path, response);
  return response;
}

RedfishResource RedfishSession::get(const std::string& path) {
  const auto response = authorized("GET", path, {}, {});
  auto body = json::parse(response.body, nullptr, false);
  if (!body.is_object()) {
    throw OutcomeUnknown(ErrorCode::unavailable,
                         fmt::format("the BMC at {} answers {} with no JSON object", url_, path));
  }
  auto etag = header_of(response, "ETag");
  if (etag.empty()) etag = text_at(body, {"@odata.etag"});
  return {path, std::move(body), std::move(etag)};
}

void RedfishSession::patch(const std::string& path, const json& body, const std::string& etag) {
  (void)authorized("PATCH", path, body, etag);
}

void RedfishSession::post(const std::string& path, const json& body) { (void)authorized("POST", path, body, {}); }

}  // namespace rescue::netboot

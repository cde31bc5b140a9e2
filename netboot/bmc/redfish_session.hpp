// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Requests to a Redfish service (DMTF DSP0266) over https, logged in for as long as it takes.

#include "core/http/client.hpp"
#include "netboot/bmc/bmc.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace rescue::netboot {

struct RedfishLimits {
  Milliseconds connect{5'000};
  Milliseconds request{20'000};  ///< of one request; BMCs are slow computers
  Milliseconds farewell{2'000};  ///< of logging out, or twice what a request took; nobody should have to wait for it
  Milliseconds longest_farewell{5'000};
};

struct RedfishResource {
  std::string path;
  nlohmann::json body;
  std::string etag;  ///< empty where there is none
};

/// What was answered, and by which resource.
struct RedfishAnswer {
  std::string path;
  http::Response response;
};

/// For one thread. A new connection for each request: on one that is kept libcurl would send a request again by itself
/// when the BMC has closed it meanwhile, a reset too.
class RedfishSession {
public:
  RedfishSession(const BmcEndpoint& endpoint, Secret password, RedfishLimits limits);
  /// Logs out, if it can soon: BMCs have few sessions, and forget them by themselves after some minutes.
  ~RedfishSession();
  RedfishSession(const RedfishSession&) = delete;
  RedfishSession& operator=(const RedfishSession&) = delete;

  /// These throw as `Bmc` says.
  /// The service root, which is told without a login; asked for once.
  [[nodiscard]] const nlohmann::json& root();
  [[nodiscard]] RedfishResource get(const std::string& path);
  /// As above; none where the service refuses or fails to show it.
  [[nodiscard]] std::optional<RedfishResource> get_if_shown(const std::string& path);
  /// The answer, whatever its status. Sends the tag of `resource` in each form that services are known to want. Where
  /// the service refuses, and its message names a resource below `parent`, the change is sent there.
  [[nodiscard]] RedfishAnswer try_patch(const RedfishResource& resource, const nlohmann::json& body,
                                        const std::string& parent);
  /// The answer, whatever its status.
  [[nodiscard]] http::Response try_post(const std::string& path, const nlohmann::json& body);
  /// What an answer of 300 and above means, thrown.
  [[noreturn]] void fail(const std::string& method, const std::string& path, const http::Response& response) const;

  /// As Bmc::make_do: a login that the service has put off is done without.
  [[nodiscard]] bool make_do();

  /// "session" or "basic"; empty before the first request.
  [[nodiscard]] const std::string& login() const noexcept { return login_; }
  [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
  [[nodiscard]] http::Response exchange(const std::string& method, const std::string& path, const std::string& body,
                                        const http::HeaderViews& headers);
  [[nodiscard]] http::Response authorized(const std::string& method, const std::string& path,
                                          const nlohmann::json& body, const std::string& tag);
  [[nodiscard]] http::Response patch_with_tags(const std::string& path, const nlohmann::json& body,
                                               const std::string& etag);
  void log_in_first();
  void log_in();
  [[nodiscard]] bool log_in_to(const std::string& sessions);
  void use_basic();

  std::string url_;
  std::string user_;
  Secret password_;
  const RedfishLimits limits_;
  const http::ClientOptions options_;
  http::Client client_;
  Milliseconds pace_{0};  ///< of the last request that was answered
  nlohmann::json root_;
  std::string login_;
  Secret authorization_;  ///< the value of X-Auth-Token, or of Authorization
  std::string session_;   ///< path of our session, to be deleted
  unsigned sessions_refused_ = 0;
};

/// The text at the end of these keys; empty when there is none.
[[nodiscard]] std::string text_at(const nlohmann::json& value, std::initializer_list<const char*> keys);
/// The texts of the array at the end of these keys; empty when there is none.
[[nodiscard]] std::vector<std::string> texts_at(const nlohmann::json& value, std::initializer_list<const char*> keys);

}  // namespace rescue::netboot

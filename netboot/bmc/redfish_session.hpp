// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Requests to a Redfish service (DMTF DSP0266) over https, in one login.

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
  Milliseconds request{20'000};  ///< for one request; BMCs are slow computers
  Milliseconds farewell{2'000};  ///< for the logout, or twice the time of a request: callers wait for it
  Milliseconds longest_farewell{5'000};
};

struct RedfishResource {
  std::string path;
  nlohmann::json body;
  std::string etag;  ///< empty: none
};

/// An answer, and the resource that gave it.
struct RedfishAnswer {
  std::string path;
  http::Response response;
};

/// For one thread. Opens a new connection for each request: on a kept one libcurl would resend a request, a reset too,
/// when the BMC has closed it.
class RedfishSession {
public:
  RedfishSession(const BmcEndpoint& endpoint, Secret password, RedfishLimits limits);
  /// Logs out, if that is quick: BMCs have few sessions, and drop them after some minutes.
  ~RedfishSession();
  RedfishSession(const RedfishSession&) = delete;
  RedfishSession& operator=(const RedfishSession&) = delete;

  /// The service root, which needs no login; read once. This and the calls below throw as `Bmc` does.
  [[nodiscard]] const nlohmann::json& root();
  [[nodiscard]] RedfishResource get(const std::string& path);
  /// Like `get`; none if the service refuses or fails to show it.
  [[nodiscard]] std::optional<RedfishResource> get_if_shown(const std::string& path);
  /// Returns the answer, whatever its status. Tries the tag of `resource` in each known form. If the service refuses,
  /// and its message names a resource below `parent`, sends the change there.
  [[nodiscard]] RedfishAnswer try_patch(const RedfishResource& resource, const nlohmann::json& body,
                                        const std::string& parent);
  /// Returns the answer, whatever its status.
  [[nodiscard]] http::Response try_post(const std::string& path, const nlohmann::json& body);
  /// Throws the error for an answer of 300 and above.
  [[noreturn]] void fail(const std::string& method, const std::string& path, const http::Response& response) const;

  /// Like Bmc::make_do: stops waiting for a login that the service postponed.
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
  Milliseconds pace_{0};  ///< duration of the last answered request
  nlohmann::json root_;
  std::string login_;
  Secret authorization_;  ///< the value of X-Auth-Token, or of Authorization
  std::string session_;   ///< path of our session, to delete it
  unsigned sessions_refused_ = 0;
};

/// The text at these nested keys; empty if there is none.
[[nodiscard]] std::string text_at(const nlohmann::json& value, std::initializer_list<const char*> keys);
/// The texts of the array at these nested keys; empty if there is none.
[[nodiscard]] std::vector<std::string> texts_at(const nlohmann::json& value, std::initializer_list<const char*> keys);

}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A web server with one file, which lies, stalls, ends and comes back as a test wants.

#include "images/stream/range_reader.hpp"
#include "tests/unit/http/running_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rescue::tests {

class Mirror {
public:
  struct Requested {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  /// Changes an answer, or replaces it; called without a lock, on the server's threads.
  using Fault = std::function<void(http::Response&, const Requested&)>;

  explicit Mirror(std::string content) : content_(std::move(content)) { start(); }
  ~Mirror() { stop(); }
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  /// Listens, again on the same port.
  void start() {
    auto options = http::on_loopback();
    options.port = port_;
    http::Router router;
    router.add("GET", "/images/file.img", [this](const http::Request& request) { return answer(request); });
    server_ = std::make_unique<http::RunningServer>(std::move(router), options);
    port_ = server_->port();
  }
  void stop() { server_.reset(); }

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/images/file.img", port_); }
  void set_fault(Fault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }
  [[nodiscard]] std::vector<Requested> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] const std::string& content() const { return content_; }

private:
  http::Response answer(const http::Request& request) {
    http::Response response;
    response.content_type = "application/octet-stream";
    response.headers.emplace_back("Accept-Ranges", "bytes");
    Requested range{0, content_.size() - 1};
    constexpr std::string_view unit = "bytes=";
    const auto header = request.header("range");
    const auto wanted = header.starts_with(unit)
                            ? stream::parse_content_range("bytes " + header.substr(unit.size()) + "/*")
                            : std::nullopt;
    if (wanted && wanted->first < content_.size()) {
      range = {wanted->first, std::min<std::uint64_t>(wanted->last, content_.size() - 1)};
      response.status = 206;
      response.body = content_.substr(range.first, range.last - range.first + 1);
      response.headers.emplace_back("Content-Range",
                                    fmt::format("bytes {}-{}/{}", range.first, range.last, content_.size()));
    } else if (wanted) {
      response.status = 416;
    } else {
      response.body = content_;
    }
    Fault fault;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(range);
      fault = fault_;
    }
    if (fault) fault(response, range);
    return response;
  }

  const std::string content_;
  mutable std::mutex mutex_;
  Fault fault_;
  std::vector<Requested> requests_;
  std::uint16_t port_ = 0;
  std::unique_ptr<http::RunningServer> server_;
};

}  // namespace rescue::tests

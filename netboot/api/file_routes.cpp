// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/client.hpp"
#include "core/http/served_file.hpp"
#include "netboot/api/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

namespace rescue::netboot::api {
namespace {

constexpr auto path_of_files = "/files/{path*}";

std::string content_type_of(std::string_view path) {
  if (path.ends_with(".json")) return "application/json";
  if (path.ends_with(".ipxe") || path.ends_with(".txt") || path.ends_with(".minisig")) return "text/plain";
  return "application/octet-stream";
}

http::Response serve(const http::Folder& folder, const http::Request& request, const std::string& cache_control) {
  const auto& path = request.parameters.at("path");
  auto file = folder.open(path);
  if (!file) throw Error(ErrorCode::not_found, "there is no file " + path);
  return http::serve_file(request, *std::move(file), content_type_of(path), cache_control);
}

http::Response elsewhere(const http::Request& request, const std::string& base) {
  std::string location = base;
  std::string_view rest = request.parameters.at("path");
  while (!rest.empty()) {
    const auto end = std::min(rest.find('/'), rest.size());
    location += '/' + http::percent_encode(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  http::Response response;
  response.status = 302;
  response.headers = {{"Location", location}, {"Cache-Control", "no-cache"}};
  return response;
}

http::Handler handler_for(const FileSettings& files) {
  if (!files.redirect.empty()) {
    return [base = files.redirect](const http::Request& request) { return elsewhere(request, base); };
  }
  if (files.path.empty()) {
    return [](const http::Request&) -> http::Response {
      throw Error(ErrorCode::not_found, "this netbootd serves no files", "Set files.path in netbootd.yaml.");
    };
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(files.max_age).count();
  const auto cache_control = seconds == 0 ? std::string("no-cache") : fmt::format("public, max-age={}", seconds);
  return [folder = std::make_shared<http::Folder>(files.path), cache_control](const http::Request& request) {
    return serve(*folder, request, cache_control);
  };
}

}  // namespace

void add_file_routes(Gate& gate, const FileSettings& files) {
  // Opening a local file is faster than a switch to another thread.
  gate.add_open("GET", path_of_files, handler_for(files), http::RunOn::io_thread);
}

}  // namespace rescue::netboot::api

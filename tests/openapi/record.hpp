// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Records the requests of tests to the API and its answers, for tests/openapi/check.

#include "core/http/message.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace rescue::tests {

/// Writes a line of JSON for each to this process' file in the folder RESCUE_API_RECORD. No-op without it.
inline void record(const std::string& method, const std::string& target, const std::string& body,
                   const http::Response& response) {
  const char* const folder = std::getenv("RESCUE_API_RECORD");
  if (folder == nullptr) return;
  std::filesystem::create_directories(folder);
  auto headers = nlohmann::json::object();
  for (const auto& [name, value] : response.headers) headers[name] = value;
  const nlohmann::json line{
      {"method", method},
      {"target", target},
      {"request", body},
      {"status", response.status},
      {"headers", headers},
      {"content_type", response.body.empty() && !response.file ? "" : response.content_type},
      {"body", response.content_type.find("json") == std::string::npos ? std::string{} : response.body}};
  std::ofstream file(std::string(folder) + "/" + std::to_string(::getpid()) + ".jsonl", std::ios::app);
  file << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace rescue::tests

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/status.hpp"

#include "core/file.hpp"
#include "core/peer_json.hpp"

#include <nlohmann/json.hpp>

namespace rescue::stream {

std::string status_text(const Status& status) {
  auto mirrors = nlohmann::json::array();
  for (const auto& mirror : status.mirrors) {
    mirrors.push_back({{"url", mirror.url},
                       {"fault", mirror.fault},
                       {"requests", mirror.requests},
                       {"bytes", mirror.bytes},
                       {"failures", mirror.failures},
                       {"wrong_chunks", mirror.wrong_chunks}});
  }
  const nlohmann::json value{
      {"pid", status.pid},
      {"state", name_of(status.state)},
      {"reason", status.reason},
      {"file_bytes", status.file_bytes},
      {"chunk_bytes", status.chunk_bytes},
      {"chunks", status.chunks},
      {"cache",
       {{"chunks", status.cached_chunks},
        {"budget_chunks", status.cache_budget_chunks},
        {"evicted", status.evicted_chunks},
        {"fault", status.cache_fault}}},
      {"complete", status.complete},
      {"fetched_bytes", status.fetched_bytes},
      {"reads", status.reads},
      {"failed_reads", status.failed_reads},
      {"waiting_chunks", status.waiting_chunks},
      {"mirrors", std::move(mirrors)},
  };
  // A server's text in a fault may be anything.
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::optional<StatusSummary> read_status(const std::string& path) {
  const auto text = read_file_if_exists(path);
  if (!text) return std::nullopt;
  const auto value = parse_peer_json(*text);
  if (!value.is_object()) return std::nullopt;
  const auto text_at = [&value](const char* key) {
    const auto found = value.find(key);
    return found != value.end() && found->is_string() ? found->get<std::string>() : std::string{};
  };
  const auto state = parse_word<State>(text_at("state"));
  if (!state) return std::nullopt;
  StatusSummary summary{*state, text_at("reason")};
  if (const auto found = value.find("pid"); found != value.end() && found->is_number_unsigned()) {
    summary.pid = found->get<int>();
  }
  if (const auto found = value.find("failed_reads"); found != value.end() && found->is_number_unsigned()) {
    summary.failed_reads = found->get<std::uint64_t>();
  }
  if (const auto found = value.find("complete"); found != value.end() && found->is_boolean()) {
    summary.complete = found->get<bool>();
  }
  return summary;
}

}  // namespace rescue::stream

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/stream/range_reader.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace rescue::stream {
namespace {

/// One answer as it arrives. Its body is taken only after status and range were checked.
struct Answer {
  CURL* easy = nullptr;
  const Range* range = nullptr;
  std::string* bytes = nullptr;
  std::string content_range;
  std::string content_encoding;
  std::string fault;
  bool checked = false;
};

/// Reads a number at the start of `text` and removes it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Fault of the answer's head; empty if its body is the range that was requested.
std::string fault_of_head(const Answer& answer, long status) {
  const auto& range = *answer.range;
  if (status == 200) return "ignores ranges: it answered 200 with the whole file, or a proxy removed the range";
  if (status >= 300 && status < 400)
    return fmt::format("redirects elsewhere (HTTP status {}); name its target", status);
  if (status == 416) return "has a shorter file: it answered 416";
  if (status != 206) return fmt::format("answered with HTTP status {}", status);
  if (!answer.content_encoding.empty() && answer.content_encoding != "identity") {
    return fmt::format("compresses its answers ({})", answer.content_encoding);
  }
  const auto got = parse_content_range(answer.content_range);
  if (!got) return fmt::format("answered 206 without a valid Content-Range ('{}')", answer.content_range.substr(0, 80));
  if (got->total && *got->total != range.file_size) {
    return fmt::format("has a file of {} bytes, but the image has {}", *got->total, range.file_size);
  }
  if (got->first != range.offset || got->last != range.offset + range.length - 1) {
    return fmt::format("answered with bytes {}-{} instead of {}-{}", got->first, got->last, range.offset,
                       range.offset + range.length - 1);
  }
  return {};
}

bool is_acceptable(Answer& answer) {
  if (!answer.checked) {
    answer.checked = true;
    long status = 0;
    curl_easy_getinfo(answer.easy, CURLINFO_RESPONSE_CODE, &status);
    answer.fault = fault_of_head(answer, status);
  }
  return answer.fault.empty();
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* context) {
  auto& answer = *static_cast<Answer*>(context);
  const auto length = size * count;
  if (!is_acceptable(answer)) return 0;
  if (answer.bytes->size() + length > answer.range->length) {
    answer.fault = "sent more than the range";
    return 0;
  }
  answer.bytes->append(data, length);  // its capacity is reserved: does not throw
  return length;
}

/// Sets `value` if the line is the header `name`, in lower case and with its colon.
void take_value(std::string_view line, std::string_view name, std::string& value) {
  if (lower_case(std::string(line.substr(0, name.size()))) != name) return;
  value = trimmed(line.substr(name.size()), " \t\r\n");
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* context) {
  auto& answer = *static_cast<Answer*>(context);
  constexpr std::size_t longest = 200;
  const std::string_view line(data, size * count);
  try {
    if (line.starts_with("HTTP/")) {
      answer.content_range.clear();
      answer.content_encoding.clear();
    }
    if (line.size() < longest) {
      take_value(line, "content-range:", answer.content_range);
      take_value(line, "content-encoding:", answer.content_encoding);
    }
  } catch (...) {
    return 0;
  }
  return size * count;
}

int check_stop(void* stopped, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stopped)->load() ? 1 : 0;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (const auto result = curl_easy_setopt(easy, option, value); result != CURLE_OK) {
    throw Error(ErrorCode::internal,
                fmt::format("libcurl refuses option {}: {}", static_cast<int>(option), curl_easy_strerror(result)));
  }
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
  ContentRange range;
  if (!take(text, "bytes ")) return std::nullopt;
  const auto first = take_number(text);
  if (!first || !take(text, "-")) return std::nullopt;
  const auto last = take_number(text);
  if (!last || *last < *first || !take(text, "/")) return std::nullopt;
  range.first = *first;
  range.last = *last;
  if (!take(text, "*")) range.total = take_number(text);
  if (!text.empty() || (range.total && *range.total <= *last)) return std::nullopt;
  return range;
}

class RangeReader::Impl {
public:
  Impl(Options options, const std::atomic<bool>& stopped)
      : options_(std::move(options)), stopped_(stopped), easy_(curl_easy_init()) {
    if (!easy_) throw std::bad_alloc();
    auto* easy = easy_.get();
    // Connects only to the configured servers: no proxy from the environment, no redirect.
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_NOPROXY, "*");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set(easy, CURLOPT_USERAGENT, "rescue/" RESCUE_VERSION);
    set(easy, CURLOPT_ACCEPT_ENCODING, "identity");
    set(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_limit.count()));
    // A server that sends nothing for `request_limit` is left, however long the request may take.
    set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(options_.request_limit.count() / 1'000)));
    // Without it a limit that passes in the resolver waits for the C library, 10 s for each silent DNS server.
    set(easy, CURLOPT_QUICK_EXIT, 1L);
    set(easy, CURLOPT_BUFFERSIZE, 128L << 10);
    if (!options_.ca_file.empty()) {
      set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
      set<const char*>(easy, CURLOPT_CAPATH, nullptr);  // else the system's CAs are trusted too
    }
    set(easy, CURLOPT_WRITEFUNCTION, &take_body);
    set(easy, CURLOPT_HEADERFUNCTION, &take_header);
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_XFERINFOFUNCTION, &check_stop);
    set(easy, CURLOPT_XFERINFODATA, &stopped_);
    set(easy, CURLOPT_ERRORBUFFER, reason_.data());
  }

  std::optional<Fault> read(const std::string& url, const Range& range, unsigned patience, std::string& bytes) {
    bytes.clear();
    bytes.reserve(range.length);
    Answer answer{easy_.get(), &range, &bytes, {}, {}, {}};
    reason_[0] = '\0';
    const auto text = fmt::format("{}-{}", range.offset, range.offset + range.length - 1);
    set(easy_.get(), CURLOPT_URL, url.c_str());
    set(easy_.get(), CURLOPT_RANGE, text.c_str());
    set(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.request_limit.count() * patience));
    set(easy_.get(), CURLOPT_WRITEDATA, &answer);
    set(easy_.get(), CURLOPT_HEADERDATA, &answer);
    const auto result = curl_easy_perform(easy_.get());
    // An empty body never reaches `take_body`.
    if (result == CURLE_OK) (void)is_acceptable(answer);
    auto fault = answer.fault.empty() ? fault_of(result, bytes.size(), range.length) : answer.fault;
    if (fault.empty()) return std::nullopt;
    // It may hold a header of the server.
    return Fault{printable(fault, longest_fault), result == CURLE_OPERATION_TIMEDOUT && !bytes.empty()};
  }

private:
  static constexpr std::size_t longest_fault = 300;

  /// Fault of a transfer that was not refused; empty if it is complete.
  [[nodiscard]] std::string fault_of(CURLcode result, std::size_t got, std::uint64_t wanted) const {
    if (result == CURLE_OPERATION_TIMEDOUT) return fmt::format("was too slow: {} of {} bytes in time", got, wanted);
    if (result != CURLE_OK) {
      return fmt::format("does not answer: {}", reason_[0] == '\0' ? curl_easy_strerror(result) : reason_.data());
    }
    return got == wanted ? std::string{} : fmt::format("sent {} of {} bytes", got, wanted);
  }

  Options options_;
  const std::atomic<bool>& stopped_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
  Handle<CURL, curl_easy_cleanup> easy_;
};

RangeReader::RangeReader(Options options, const std::atomic<bool>& stopped)
    : impl_(std::make_unique<Impl>(std::move(options), stopped)) {}
RangeReader::~RangeReader() = default;

std::optional<RangeReader::Fault> RangeReader::read(const std::string& url, const Range& range, unsigned patience,
                                                    std::string& bytes) {
  return impl_->read(url, range, patience, bytes);
}

}  // namespace rescue::stream

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/document.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/json_lines.hpp"
#include "core/peer_json.hpp"
#include "core/suggest.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace rescue {
namespace {

[[noreturn]] void fail_at(const std::string& source, int line, const std::string& path, const std::string& problem,
                          std::string hint = {}) {
  const auto place = line > 0 ? fmt::format("{}:{}", source, line) : source;
  throw Error(ErrorCode::config_invalid, path.empty() ? place + ": " + problem : place + ": " + path + ": " + problem,
              std::move(hint));
}

std::string member_path(const std::string& parent, std::string_view key) {
  return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

/// YAML 1.2's core schema, by which a plain scalar is a null, a boolean, a number or a string.
nlohmann::json plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null") return nullptr;
  if (text == "true") return true;
  if (text == "false") return false;
  std::int64_t integer = 0;
  const auto* const end = text.data() + text.size();
  if (auto [rest, error] = std::from_chars(text.data(), end, integer); error == std::errc{} && rest == end) {
    return integer;
  }
  double number = 0;
  if (auto [rest, error] = std::from_chars(text.data(), end, number); error == std::errc{} && rest == end) {
    return number;
  }
  return text;
}

/// Builds the JSON value from YAML's events. Anchors, aliases and keys given twice are refused: a document has one
/// meaning, and its size in memory is the size of its text.
class YamlReader final : public YAML::EventHandler {
public:
  explicit YamlReader(const std::string& source) : source_(source) {}

  nlohmann::json value;
  std::map<std::string, int> lines;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(is_begun_, true))
      refuse(mark, "a second document begins here; only one is read ('---' and '...' separate them)");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { scalar(mark, anchor, nullptr, "null"); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "an alias (*name) is not allowed"); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    scalar(mark, anchor, tag == "?" ? plain_scalar(text) : nlohmann::json(text), text);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, nlohmann::json::array());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, nlohmann::json::object());
  }
  void OnMapEnd() override { close(); }

private:
  struct Frame {
    nlohmann::json value;
    std::string path;
    std::optional<std::string> key;
  };

  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& problem) const {
    fail_at(source_, mark.line + 1, next_path(), problem);
  }
  [[nodiscard]] bool expects_key() const {
    return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().key;
  }
  [[nodiscard]] std::string next_path() const {
    if (frames_.empty()) return {};
    const auto& frame = frames_.back();
    if (frame.value.is_array()) return fmt::format("{}[{}]", frame.path, frame.value.size());
    return frame.key ? member_path(frame.path, *frame.key) : frame.path;
  }
  void check_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0) refuse(mark, "an anchor (&name) for an alias is not allowed");
  }
  void scalar(const YAML::Mark& mark, YAML::anchor_t anchor, nlohmann::json scalar_value, const std::string& text) {
    check_anchor(mark, anchor);
    if (!expects_key()) {
      lines.try_emplace(next_path(), mark.line + 1);
      return place(std::move(scalar_value));
    }
    auto& frame = frames_.back();
    const bool again = frame.value.contains(text);
    frame.key = text;
    if (again) refuse(mark, "is given twice");
    lines[next_path()] = mark.line + 1;
  }
  void open(const YAML::Mark& mark, YAML::anchor_t anchor, nlohmann::json empty) {
    check_anchor(mark, anchor);
    if (expects_key()) refuse(mark, "a key must be a plain name");
    if (frames_.size() == deepest_json) refuse(mark, "is nested too deeply");
    auto path = next_path();
    lines.try_emplace(path, mark.line + 1);
    frames_.push_back({std::move(empty), std::move(path), std::nullopt});
  }
  void close() {
    auto finished = std::move(frames_.back().value);
    frames_.pop_back();
    place(std::move(finished));
  }
  void place(nlohmann::json finished) {
    if (frames_.empty()) {
      value = std::move(finished);
    } else if (auto& frame = frames_.back(); frame.value.is_array()) {
      frame.value.push_back(std::move(finished));
    } else {
      frame.value[*frame.key] = std::move(finished);
      frame.key.reset();
    }
  }

  const std::string& source_;
  std::vector<Frame> frames_;
  bool is_begun_ = false;
};

/// nlohmann keeps the last of two equal keys and nests without end: both are refused while parsing.
class JsonGuard {
public:
  explicit JsonGuard(const std::string& source) : source_(source) {}

  bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > static_cast<int>(deepest_json)) fail_at(source_, 0, "", "is nested too deeply");
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end) keys_.pop_back();
    if (event == Event::key && !keys_.back().insert(parsed.get<std::string>()).second) {
      fail_at(source_, 0, parsed.get<std::string>(), "is given twice");
    }
    return true;
  }

private:
  const std::string& source_;
  std::vector<std::set<std::string>> keys_;
};

int line_at_offset(const std::string& text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return static_cast<int>(std::count(text.begin(), end, '\n')) + 1;
}

}  // namespace

Document Document::from_json(std::string source, std::string text) {
  auto content = std::make_shared<Content>();
  content->source = std::move(source);
  try {
    content->value = nlohmann::json::parse(text, JsonGuard(content->source));
  } catch (const nlohmann::json::parse_error& error) {
    const auto offset = error.byte > 0 ? error.byte - 1 : 0;
    fail_at(content->source, line_at_offset(text, offset), "", "is not valid JSON");
  } catch (const nlohmann::json::out_of_range&) {  // 1e999
    fail_at(content->source, 0, "", "holds a number that is too large for anything");
  }
  content->line_of = [text = std::move(text)](const std::string& path) { return json_line_of(text, path); };
  return Document(std::move(content));
}

Document Document::from_yaml(std::string source, const std::string& text) {
  auto content = std::make_shared<Content>();
  content->source = std::move(source);
  try {
    YamlReader reader(content->source);
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(reader)) {
    }
    content->value = std::move(reader.value);
    content->line_of = [lines = std::move(reader.lines)](const std::string& path) {
      const auto found = lines.find(path);
      return found == lines.end() ? 0 : found->second;
    };
  } catch (const YAML::Exception& error) {
    fail_at(content->source, error.mark.line + 1, "", "is not valid YAML: " + error.msg);
  }
  return Document(std::move(content));
}

Document Document::from_value(std::string source, nlohmann::json value,
                              std::function<int(const std::string& path)> line_of) {
  auto content = std::make_shared<Content>();
  content->source = std::move(source);
  content->value = std::move(value);
  content->line_of = std::move(line_of);
  return Document(std::move(content));
}

Document Document::from_file(const std::string& path) {
  auto text = read_file(path);
  return path.ends_with(".json") ? from_json(path, std::move(text)) : from_yaml(path, text);
}

Field Document::root() const { return {content_, &content_->value, ""}; }

Field Field::child(std::string_view key, const nlohmann::json& value) const {
  return {document_, &value, member_path(path_, key)};
}

Field Field::at(std::string_view key) const {
  if (auto field = find(key)) return *field;
  fail(fmt::format("'{}' is missing", key));
}

std::optional<Field> Field::find(std::string_view key) const {
  if (value_->is_null()) return std::nullopt;  // "disks:" with nothing under it
  if (!value_->is_object()) fail("must be a mapping");
  const auto member = value_->find(key);
  if (member == value_->end() || member->is_null()) return std::nullopt;
  return child(key, *member);
}

void Field::only(std::initializer_list<std::string_view> keys) const {
  if (value_->is_null()) return;
  if (!value_->is_object()) fail("must be a mapping");
  for (const auto& [key, value] : value_->items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::vector<std::string_view> known(keys);
    const auto suggestion = nearest(key, known);
    child(key, value)
        .fail("is not a known key", suggestion ? fmt::format("Did you mean '{}'?", *suggestion)
                                               : fmt::format("Known here: {}.", fmt::join(known, ", ")));
  }
}

std::string Field::string() const {
  if (!value_->is_string()) fail("must be a string", "Put quotes around it.");
  return value_->get<std::string>();
}

std::string Field::text() const {
  auto result = string();
  if (result.empty()) fail("must not be empty");
  return result;
}

std::int64_t Field::integer(std::int64_t minimum, std::int64_t maximum) const {
  const bool fits = value_->is_number_integer() &&
                    (!value_->is_number_unsigned() || value_->get<std::uint64_t>() <= std::uint64_t{INT64_MAX});
  if (!fits || value_->get<std::int64_t>() < minimum || value_->get<std::int64_t>() > maximum) {
    fail(fmt::format("must be a whole number from {} to {}", minimum, maximum));
  }
  return value_->get<std::int64_t>();
}

bool Field::boolean() const {
  if (!value_->is_boolean()) fail("must be true or false");
  return value_->get<bool>();
}

std::chrono::milliseconds Field::duration() const {
  constexpr std::int64_t longest = 7LL * 24 * 3600 * 1000;
  const std::map<std::string_view, std::int64_t> units{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  std::int64_t amount = -1;
  std::string_view unit = "s";
  std::string text;
  if (value_->is_number_unsigned()) {
    amount = static_cast<std::int64_t>(std::min<std::uint64_t>(value_->get<std::uint64_t>(), longest));
  } else if (value_->is_number_integer()) {  // of YAML, which has one kind
    amount = std::min(value_->get<std::int64_t>(), longest);
  } else if (value_->is_string()) {
    text = value_->get<std::string>();
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (error != std::errc{}) amount = -1;
    unit = std::string_view(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  }
  const auto factor = units.find(unit);
  if (amount < 0 || factor == units.end() || amount > longest / factor->second) {
    fail("must be a duration", "Write it as 250ms, 30s, 5m or 2h, or as a number of seconds; seven days at most.");
  }
  return std::chrono::milliseconds(amount * factor->second);
}

std::vector<Field> Field::items() const {
  if (!value_->is_array()) fail("must be a list");
  std::vector<Field> result;
  for (const auto& item : *value_) {
    result.push_back(Field(document_, &item, fmt::format("{}[{}]", path_, result.size())));
  }
  return result;
}

std::vector<std::string> Field::strings() const {
  std::vector<std::string> result;
  for (const auto& item : items()) result.push_back(item.text());
  return result;
}

std::size_t Field::choice(std::span<const std::string_view> choices) const {
  const auto value = string();
  const auto found = std::find(choices.begin(), choices.end(), value);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  const std::vector<std::string_view> known(choices.begin(), choices.end());
  const auto suggestion = nearest(value, known);
  fail(fmt::format("'{}' is not one of {}", value, fmt::join(known, ", ")),
       suggestion ? fmt::format("Did you mean '{}'?", *suggestion) : "");
}

std::string Field::where() const {
  const int line = document_->line_of(path_);
  return line > 0 ? fmt::format("{}:{}: {}", document_->source, line, path_)
                  : fmt::format("{}: {}", document_->source, path_);
}

void Field::fail(const std::string& problem, std::string hint) const {
  fail_at(document_->source, document_->line_of(path_), path_, problem, std::move(hint));
}

}  // namespace rescue

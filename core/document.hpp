// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON and YAML documents, read through a cursor that names the file, path and line of each fault.

#include "core/words.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rescue {

class Field;

/// A parsed document. Cheap to copy; fields keep it alive.
class Document {
public:
  /// Throws `config_invalid` with the line and column of a syntax error. `source` is the name used in errors.
  static Document from_json(std::string source, std::string text);
  /// Like from_json. Refuses duplicate keys, aliases and tags, so that a document has one meaning.
  static Document from_yaml(std::string source, const std::string& text);
  /// A value from another parser, which knows the line of a path; 0: unknown.
  static Document from_value(std::string source, nlohmann::json value,
                             std::function<int(const std::string& path)> line_of);
  /// Parses the file as its suffix says: .json, else YAML. Throws `io` when it can't be read.
  static Document from_file(const std::string& path);

  [[nodiscard]] Field root() const;

private:
  friend class Field;
  struct Content {
    std::string source;
    nlohmann::json value;
    std::function<int(const std::string& path)> line_of;  ///< 0: unknown
  };
  explicit Document(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
  std::shared_ptr<const Content> content_;
};

/// One value inside a document. Every reader throws `config_invalid` "file:line: path: fault".
class Field {
public:
  /// The member `key`; throws when it is missing or this is not an object.
  [[nodiscard]] Field at(std::string_view key) const;
  /// The member `key`, when it is there and not null.
  [[nodiscard]] std::optional<Field> find(std::string_view key) const;
  /// Throws on the first member that is not in `keys`, with the nearest of them as a suggestion.
  void only(std::initializer_list<std::string_view> keys) const;

  [[nodiscard]] std::string string() const;
  /// Like `string`, and not empty.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::int64_t integer(std::int64_t minimum, std::int64_t maximum) const;
  [[nodiscard]] bool boolean() const;
  /// "250ms", "30s", "5m", "2h", or a number of seconds.
  [[nodiscard]] std::chrono::milliseconds duration() const;
  [[nodiscard]] std::vector<Field> items() const;
  [[nodiscard]] std::vector<std::string> strings() const;
  /// One of `choices`; otherwise an error that suggests the nearest. Returns its index.
  [[nodiscard]] std::size_t choice(std::span<const std::string_view> choices) const;
  [[nodiscard]] std::size_t choice(std::initializer_list<std::string_view> choices) const {
    return choice(std::span(choices.begin(), choices.size()));
  }
  /// The enumerator with this word.
  template <HasWords Enum>
  [[nodiscard]] Enum word() const {
    return static_cast<Enum>(choice(choices<Enum>()));
  }

  [[nodiscard]] const nlohmann::json& json() const { return *value_; }
  /// "disks.only[2]"; empty for the root.
  [[nodiscard]] const std::string& path() const { return path_; }
  /// 0: unknown.
  [[nodiscard]] int line() const { return document_->line_of(path_); }
  /// "file:line: path".
  [[nodiscard]] std::string where() const;
  [[noreturn]] void fail(const std::string& problem, std::string hint = {}) const;

private:
  friend class Document;
  Field(std::shared_ptr<const Document::Content> document, const nlohmann::json* value, std::string path)
      : document_(std::move(document)), value_(value), path_(std::move(path)) {}
  [[nodiscard]] Field child(std::string_view key, const nlohmann::json& value) const;

  std::shared_ptr<const Document::Content> document_;
  const nlohmann::json* value_;
  std::string path_;
};

}  // namespace rescue

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/templates.hpp"

#include "core/document.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/text.hpp"
#include "netboot/delivery/built_in_templates.hpp"
#include "netboot/delivery/mail_values.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace rescue::netboot {
namespace {

constexpr std::size_t longest_value = 4'000;       ///< bytes
constexpr std::size_t longest_mail = 256U << 10U;  ///< bytes of one part
enum class Format { text, html };

[[noreturn]] void refuse_template(const std::string& file, const std::string& fault, std::string hint = {}) {
  throw Error(ErrorCode::config_invalid, fmt::format("{}: {}", file, fault), std::move(hint));
}

/// Writes one template. The buffer is reserved before: a copy left behind by its growth would not be wiped.
class Writer {
public:
  Writer(const std::map<std::string, std::string>& texts, const MailValues& values, Format format, std::string& out)
      : texts_(texts), values_(values), format_(format), out_(out) {}

  void write(const std::string& file, std::string_view text) const {
    while (true) {
      const auto open = text.find("{{");
      put(text.substr(0, open));
      if (open == std::string_view::npos) return;
      const auto close = text.find("}}", open);
      if (close == std::string_view::npos) refuse_template(file, "a {{ has no }}");
      const auto tag = text.substr(open + 2, close - open - 2);
      text.remove_prefix(close + 2);
      if (tag.starts_with('#') || tag.starts_with('^')) {
        text = write_section(file, tag, text);
      } else {
        put_value(file, tag);
      }
    }
  }

private:
  /// Returns what follows the section.
  std::string_view write_section(const std::string& file, std::string_view tag, std::string_view text) const {
    const auto name = tag.substr(1);
    const auto end = fmt::format("{{{{/{}}}}}", name);
    const auto at = text.find(end);
    if (at == std::string_view::npos) refuse_template(file, fmt::format("{{{{{}}}}} has no {}", tag, end));
    if (value(file, name).empty() == tag.starts_with('^')) write(file, text.substr(0, at));
    return text.substr(at + end.size());
  }

  const std::string& value(const std::string& file, std::string_view name) const {
    const auto found = values_.find(std::string(name));
    if (found != values_.end()) return found->second;
    refuse_template(file, fmt::format("{{{{{}}}}} is not known", name), "docs/mail.md lists the names.");
  }

  void put_value(const std::string& file, std::string_view name) const {
    if (!name.starts_with("t.")) return put_escaped(value(file, name));
    const auto text = texts_.find(std::string(name.substr(2)));
    if (text == texts_.end()) refuse_template(file, fmt::format("{{{{{}}}}} is not in the texts", name));
    std::string filled;
    filled.reserve(text->second.size() + 2 * longest_value);
    Writer(texts_, values_, Format::text, filled).write(file, text->second);
    put_escaped(filled);
    wipe(filled);
  }

  /// In text, further lines of a value are indented as its first one is.
  void put_escaped(const std::string& text) const {
    if (format_ == Format::html) return put(html_escaped(text));
    std::string_view rest = text;
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      put(rest.substr(0, end));
      put("\n  ");
      rest.remove_prefix(end + 1);
    }
    put(rest);
  }

  void put(std::string_view text) const {
    if (out_.size() + text.size() > longest_mail) {
      throw Error(ErrorCode::config_invalid, "a mail would be longer than 256 KiB", "Shorten the templates.");
    }
    out_ += text;
  }

  const std::map<std::string, std::string>& texts_;
  const MailValues& values_;
  const Format format_;
  std::string& out_;
};

std::map<std::string, std::string> texts_from(const std::string& file, const std::string& content) {
  std::map<std::string, std::string> texts;
  const auto root = Document::from_yaml(file, content).root();
  if (!root.json().is_object()) root.fail("must be texts by name");
  for (const auto& [name, value] : root.json().items()) texts[name] = root.at(name).string();
  return texts;
}

/// The folder's file of this name, or ours.
std::string template_file(const std::string& folder, const std::string& name) {
  if (!folder.empty()) {
    if (auto own = read_file_if_exists(folder + "/" + name)) return *std::move(own);
  }
  return built_in_templates().at(name);
}

std::string_view subject_of(DeliveryKind kind) {
  switch (kind) {
  case DeliveryKind::access:
    return "{{t.access_subject}}";
  case DeliveryKind::ends_soon:
    return "{{t.soon_subject}}";
  case DeliveryKind::ended:
    break;
  }
  return "{{t.ended_subject}}";
}

/// Makes values printable: names of servers and what a guest reports may hold anything.
MailValues cleaned(const MailValues& values) {
  MailValues clean;
  for (const auto& [name, value] : values) clean[name] = printable_lines(value, longest_value);
  return clean;
}

Secret written(const std::map<std::string, std::string>& texts, const MailValues& values, Format format,
               const std::string& name, const std::map<std::string, std::string>& files) {
  constexpr std::string_view place = "{{body}}";
  const auto ending = format == Format::html ? ".html" : ".txt";
  const std::string_view layout = files.at(std::string("layout") + ending);
  const auto at = layout.find(place);
  if (at == std::string_view::npos) refuse_template(std::string("layout") + ending, "has no {{body}}");
  std::string out;
  out.reserve(longest_mail);
  const Writer writer(texts, values, format, out);
  writer.write(std::string("layout") + ending, layout.substr(0, at));
  writer.write(name + ending, files.at(name + ending));
  writer.write(std::string("layout") + ending, layout.substr(at + place.size()));
  Secret secret{std::string_view(out)};
  wipe(out);
  return secret;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(6 * text.size());
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

MailTemplates::MailTemplates(const std::string& folder, const std::string& language) : default_(language) {
  constexpr std::string_view of_language = ".yaml";
  if (!folder.empty() && !std::filesystem::is_directory(folder)) refuse_template(folder, "is not a folder");
  for (const auto& [name, content] : built_in_templates()) {
    auto own = template_file(folder, name);
    if (name.ends_with(of_language)) {
      languages_[name.substr(0, name.size() - of_language.size())] = texts_from(name, own);
    } else {
      files_[name] = std::move(own);
    }
  }
  if (!folder.empty()) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (!name.ends_with(of_language)) continue;
      languages_[lower_case(name.substr(0, name.size() - of_language.size()))] =
          texts_from(entry.path().string(), read_file(entry.path().string()));
    }
  }
  if (!languages_.contains(default_)) {
    refuse_template("delivery.language", fmt::format("there is no {}.yaml", default_),
                    "Languages are de, en, fr, and those of delivery.templates.");
  }
  for (const auto& [name, texts] : languages_) {
    for (const auto kind : {DeliveryKind::access, DeliveryKind::ends_soon, DeliveryKind::ended}) {
      try {
        for (const auto* const value : {"sample", ""}) (void)render(kind, name, sample_mail_values(value));
      } catch (const Error& error) {
        refuse_template(fmt::format("mail in the language '{}'", name), error.what(), error.hint());
      }
    }
  }
}

std::string MailTemplates::language_for(const std::string& wanted) const {
  const auto tag = lower_case(wanted);
  if (languages_.contains(tag)) return tag;
  const auto language = tag.substr(0, tag.find_first_of("-_"));
  return languages_.contains(language) ? language : default_;
}

MailText MailTemplates::render(DeliveryKind kind, const std::string& language, const MailValues& values) const {
  const auto used = language_for(language);
  const auto& texts = languages_.at(used);
  auto clean = cleaned(values);
  clean["language"] = used;
  MailText mail;
  Writer(texts, clean, Format::text, mail.subject).write("subject", subject_of(kind));
  mail.subject = printable(mail.subject, longest_value);
  clean["subject"] = mail.subject;
  const std::string name(name_of(kind));
  mail.text = written(texts, clean, Format::text, name, files_);
  mail.html = written(texts, clean, Format::html, name, files_);
  for (auto& [key, value] : clean) wipe(value);
  return mail;
}

}  // namespace rescue::netboot

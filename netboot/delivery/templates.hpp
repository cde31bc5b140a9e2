// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Texts of mails in the customer's language: files of our own, or those of a provider's folder.

#include "core/secret.hpp"
#include "netboot/domain/delivery.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace rescue::netboot {

/// Values for `{{name}}`, by name; see docs/mail.md for the names. Any bytes: what breaks lines or terminals is
/// removed.
using MailValues = std::map<std::string, std::string>;

struct MailText {
  std::string subject;
  Secret text;
  Secret html;
};

/// Thread-safe.
///
/// A template has `{{name}}` for a value, `{{t.name}}` for a text of the language, `{{#name}}...{{/name}}` for a part
/// that is there if the value is not empty, and `{{^name}}...{{/name}}` if it is. In HTML every value and text is
/// escaped. `{{body}}` in a layout is the message.
class MailTemplates {
public:
  /// Reads all files, ours or those in `folder`, which may add languages (es.yaml), and renders each once. `language`
  /// is used for languages that have no file. Throws `config_invalid` naming the file and what is wrong with it.
  explicit MailTemplates(const std::string& folder = {}, const std::string& language = "en");

  /// `language` as in "de" or "pt-BR": the file of that tag, else of its language, else the default.
  [[nodiscard]] MailText render(DeliveryKind kind, const std::string& language, const MailValues& values) const;
  /// The language whose file `render` uses.
  [[nodiscard]] std::string language_for(const std::string& wanted) const;

private:
  using Texts = std::map<std::string, std::string>;
  std::map<std::string, std::string> files_;  ///< "access.html" and its content
  std::map<std::string, Texts> languages_;
  std::string default_;
};

/// Text for HTML's content and quoted attributes.
[[nodiscard]] std::string html_escaped(std::string_view text);

}  // namespace rescue::netboot

// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Request bodies: errors in them are the caller's and name the field.

#include "core/document.hpp"
#include "core/error.hpp"

#include <string>
#include <string_view>

namespace rescue::netboot::api {

/// Parses the field's text as a domain type; the errors name the field's place in the body.
template <class Parse>
auto parsed(const Field& field, Parse parse) {
  try {
    return parse(field.text());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    field.fail(error.what(), error.hint());
  }
}

/// Throws `usage` for a body in another encoding, which the error names. `what`: the expected format ("JSON").
void require_utf8(const std::string& body, std::string_view what = {});

/// Throws `usage` if a text of the document holds a NUL: databases can't keep one everywhere.
void refuse_nul(const Document& document);

/// Reports errors in a body as `usage`: they are the caller's mistake, not one in our configuration.
/// Texts that hosts report may hold NUL; they are made printable when read.
template <class Read>
auto read_body(const std::string& body, Read read, bool may_hold_nul = false) {
  try {
    require_utf8(body, "JSON");
    const auto document = Document::from_json("request body", body);
    if (!may_hold_nul) refuse_nul(document);
    return read(document.root());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::config_invalid) throw;
    throw Error(ErrorCode::usage, error.what(), error.hint());
  }
}

}  // namespace rescue::netboot::api
